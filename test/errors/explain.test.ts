import { DrizzleQueryError } from 'drizzle-orm'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { explainConnection } from '../../src/explain/connection.ts'
import { explain } from '../../src/explain.ts'
import type { Target } from '../../src/project/target.ts'

const target: Target = {
  addresses: [{ host: '::1', port: 5432 }],
  database: 'shop',
  user: 'app',
  password: () => undefined,
  tls: { mode: 'disable' },
  sessionAttrs: 'any',
  source: 'DATABASE_URL',
}
const attempt = { address: target.addresses[0], target }
const session = { name: 'shop', host: '::1', port: 5432, user: 'app', source: 'DATABASE_URL' }

function coded(code: string, message = 'It failed'): Error {
  return Object.assign(new Error(message), { code })
}

function fromServer(code: string, message: string, facts: object = {}): Error {
  const { PostgresError } = postgres as unknown as { PostgresError: new (facts: object) => Error }
  return new PostgresError({ code, message, severity: 'ERROR', ...facts })
}

/** Failures that no test can bring about on every machine. */
describe('before there is a session', () => {
  it.each([
    [
      'EACCES',
      'connection-refused',
      'This user may not open [::1]:5432.',
      'Connect over TCP (a host name), or let this user into the folder.',
    ],
    [
      'EHOSTUNREACH',
      'host-unreachable',
      'There is no way to [::1]:5432 (EHOSTUNREACH).',
      'Check the network and the firewall, or correct the host in DATABASE_URL.',
    ],
    [
      'EAI_AGAIN',
      'host-unknown',
      'The host name ::1 cannot be resolved.',
      "Correct the host in DATABASE_URL, or check the network's name service.",
    ],
    [
      'CERT_HAS_EXPIRED',
      'certificate-expired',
      'The certificate of [::1]:5432 has expired.',
      'Renew it on the server, and see whether the clocks are right.',
    ],
    [
      'CERT_NOT_YET_VALID',
      'certificate-expired',
      'The certificate of [::1]:5432 is not valid yet.',
      'Renew it on the server, and see whether the clocks are right.',
    ],
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'certificate-not-trusted',
      'The certificate of [::1]:5432 is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).',
      "Give its authority's certificate with sslrootcert=ca.pem (ssl: { ca } in dbCredentials).",
    ],
    [
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      'tls-failed',
      'TLS with [::1]:5432 failed (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION).',
      'See whether the files in sslcert, sslkey and sslrootcert are PEM and belong together, and which versions of TLS the server speaks.',
    ],
    [
      'EMFILE',
      'connection-failed',
      'There is no connection to [::1]:5432: It failed.',
      'Check the host and the port in DATABASE_URL.',
    ],
  ])('%s', (code, kind, message, hint) => {
    expect(explainConnection(coded(code), attempt)).toMatchObject({ code: kind, message, hint, exit: 3 })
  })

  it.each([
    ['28000', 'not-allowed', 'Peer authentication failed for user "app"'],
    [
      '28000',
      'tls-required',
      'no pg_hba.conf entry for host "::1", user "app", database "shop", no encryption',
    ],
    ['XX000', 'not-allowed', 'Tenant or user not found'],
    ['57P03', 'server-starting', 'the database system is not accepting connections'],
  ])('SQLSTATE %s, as %s: %s', (sqlstate, code, said) => {
    const explained = explainConnection(fromServer(sqlstate, said), attempt)
    expect(explained).toMatchObject({ code, sqlstate, exit: 3 })
    expect((explained as OpsError).message.endsWith(`: ${said}.`)).toBe(true)
  })

  it('a wrong call stays a bug', () => {
    const bug = coded('ERR_INVALID_ARG_TYPE')
    expect(explainConnection(bug, attempt)).toBe(bug)
    const plain = new TypeError('x is not a function')
    expect(explainConnection(plain, attempt)).toBe(plain)
  })
})

describe('in a session', () => {
  it.each([
    [
      '40P01',
      'deadlock detected',
      'deadlock',
      'Another session and this one waited for each other: deadlock detected.',
      'Run the command again.',
      5,
    ],
    [
      '22P02',
      'invalid input syntax for type integer: "a"',
      'sql-error',
      'PostgreSQL reports: invalid input syntax for type integer: "a".',
      "SQLSTATE 22P02 is explained in PostgreSQL's appendix A.",
      1,
    ],
    [
      'P0001',
      'Stop here.',
      'sql-error',
      'PostgreSQL reports: Stop here.',
      "SQLSTATE P0001 is explained in PostgreSQL's appendix A.",
      1,
    ],
    [
      '42501',
      'permission denied for sequence Users_id_seq',
      'permission-denied',
      'The database refuses: permission denied for sequence Users_id_seq.',
      'As its owner: GRANT SELECT ON SEQUENCE "Users_id_seq" TO "app".',
      1,
    ],
    [
      '42501',
      'permission denied for foreign server films',
      'permission-denied',
      'The database refuses: permission denied for foreign server films.',
      'Grant the missing privilege, or connect as a role that has it.',
      1,
    ],
  ] as const)('SQLSTATE %s: %s', (sqlstate, said, code, message, hint, exit) => {
    expect(explain(fromServer(sqlstate, said), session)).toMatchObject({
      code,
      message,
      hint,
      exit,
      sqlstate,
    })
  })

  it('takes the hint of the server where we have none', () => {
    const error = fromServer('42883', 'function now(int) does not exist', {
      hint: 'You might need to add casts.',
    })
    expect(explain(error, session)).toMatchObject({ code: 'sql-error', hint: 'You might need to add casts.' })
  })

  it('tells a FATAL error of any kind as the end of the session', () => {
    const error = fromServer('25P03', 'terminating connection due to idle-in-transaction timeout', {
      severity: 'FATAL',
    })
    expect(explain(error, session)).toMatchObject({
      code: 'connection-lost',
      message: 'The server ended the session: terminating connection due to idle-in-transaction timeout.',
      exit: 3,
    })
  })

  it('names the place of a connection that broke off', () => {
    expect(explain(coded('ECONNRESET'), session)).toMatchObject({
      code: 'connection-lost',
      message: 'The connection to [::1]:5432 broke off while the command was at work.',
    })
  })

  it("finds the server's words behind those of drizzle, which hold parameters", () => {
    const cause = fromServer('23502', 'null value in column "id" violates not-null constraint')
    const explained = explain(new DrizzleQueryError('insert into users values ($1)', ['hunter2'], cause))
    expect(explained).toMatchObject({ code: 'sql-error', sqlstate: '23502' })
    expect((explained as OpsError).message).not.toContain('hunter2')
  })

  it("finds a signal's own reason behind AbortError", () => {
    const reason = new OpsError({ code: 'interrupted', message: 'Stopped.', hint: 'Go on.' })
    const aborted = Object.assign(new Error('The operation was aborted', { cause: reason }), {
      name: 'AbortError',
    })
    expect(explain(aborted)).toBe(reason)
  })

  it('leaves a bug as it is', () => {
    const bug = new TypeError('x is not a function')
    expect(explain(bug, session)).toBe(bug)
    expect(explain(undefined)).toBeUndefined()
  })
})
