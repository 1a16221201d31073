import { describe, expect, it } from 'vitest'
import { hasLibpqVariables, libpqTarget } from '../../src/project/libpq.ts'
import { certificates } from '../support/certificates.ts'
import { thrown } from '../support/thrown.ts'

const usual = {
  addresses: [{ host: 'localhost', port: 5432 }],
  user: 'me',
  password: undefined,
  database: 'me',
  tls: { mode: 'disable' },
  sessionAttrs: 'any',
  source: 'PGHOST, PGDATABASE',
}
const loose = { mode: 'prefer', options: { rejectUnauthorized: false } }

const read: [env: Record<string, string>, differs: object][] = [
  [{ PGDATABASE: 'app' }, { database: 'app' }],
  [{ PGHOST: '/tmp' }, { addresses: [{ host: '/tmp', port: 5432 }] }],
  [{ PGHOST: '::1', PGPORT: '5433' }, { addresses: [{ host: '::1', port: 5433 }] }],
  [
    { PGHOST: 'a,,c', PGPORT: '1,2,3' },
    {
      addresses: [
        { host: 'a', port: 1 },
        { host: 'localhost', port: 2 },
        { host: 'c', port: 3 },
      ],
      tls: loose,
    },
  ],
  [
    { PGHOST: 'a,b', PGPORT: '7' },
    {
      addresses: [
        { host: 'a', port: 7 },
        { host: 'b', port: 7 },
      ],
      tls: loose,
    },
  ],
  [
    { PGDATABASE: 'app', PGPASSWORD: 'secret' },
    { database: 'app', password: 'secret' },
  ],
  [
    { PGDATABASE: 'app', PGPASSWORD: '', PGPORT: '', PGSSLMODE: '', PGTARGETSESSIONATTRS: '' },
    { database: 'app' },
  ],
  [{ PGHOST: 'db.example.com' }, { addresses: [{ host: 'db.example.com', port: 5432 }], tls: loose }],
  [
    { PGDATABASE: 'app', PGSSLMODE: 'require' },
    { database: 'app', tls: { mode: 'require', options: { rejectUnauthorized: false } } },
  ],
  [
    {
      PGDATABASE: 'app',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: certificates.ca,
      PGSSLCERT: certificates.server,
      PGSSLKEY: certificates.serverKey,
    },
    {
      database: 'app',
      tls: {
        mode: 'require',
        options: {
          rejectUnauthorized: true,
          ca: expect.any(Buffer),
          cert: expect.any(Buffer),
          key: expect.any(Buffer),
        },
      },
    },
  ],
  [
    { PGDATABASE: 'app', PGTARGETSESSIONATTRS: 'standby' },
    { database: 'app', sessionAttrs: 'standby' },
  ],
]

describe('the variables of libpq', () => {
  it.each(read)('%o', (env, differs) => {
    const target = libpqTarget(env, 'me')
    expect({ ...target, password: target.password() }).toEqual({ ...usual, ...differs })
  })

  it.each([
    [{ PGHOST: 'h' }, true],
    [{ PGDATABASE: 'd' }, true],
    [{ PGHOST: '', PGDATABASE: '' }, false],
    [{ PGUSER: 'u', PGPASSWORD: 'p', PGPORT: '1' }, false],
  ])('%o names a database: %s', (env, names) => {
    expect(hasLibpqVariables(env)).toBe(names)
  })
})

describe('variables that cannot be read', () => {
  it.each(['0', 'x', '65536', '1,x'])('PGPORT=%s', async PGPORT => {
    expect(await thrown(() => libpqTarget({ PGPORT }, 'me'))).toMatchObject({
      message: 'PGPORT is not a port from 1 to 65535.',
      hint: 'Correct PGPORT, or unset it to use 5432.',
      exit: 2,
    })
  })

  it.each([
    [
      { PGTARGETSESSIONATTRS: 'master' },
      'The target_session_attrs from PGTARGETSESSIONATTRS is none of any, read-write, read-only, primary, standby, prefer-standby.',
    ],
    [
      { PGSSLMODE: 'on' },
      'The sslmode from PGSSLMODE is none of disable, allow, prefer, require, verify-ca, verify-full.',
    ],
    [
      { PGSSLMODE: 'require', PGSSLROOTCERT: '/nowhere.pem' },
      'The certificate file /nowhere.pem, named by PGSSLMODE, cannot be read.',
    ],
  ])('%o', async (env, message) => {
    expect(await thrown(() => libpqTarget(env, 'me'))).toMatchObject({ message, exit: 2 })
  })
})
