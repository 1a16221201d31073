import { OpsError } from '../errors.ts'
import { sessionAttrsOf } from './session-attrs.ts'
import type { Address, Target } from './target.ts'
import { tlsOf } from './tls.ts'

/** https://www.postgresql.org/docs/current/libpq-envars.html */
const SOURCE = 'PGHOST, PGDATABASE'

/** A user name or a password alone does not name a database. */
export function hasLibpqVariables(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.PGHOST || env.PGDATABASE)
}

export function libpqTarget(env: NodeJS.ProcessEnv, user: string): Target {
  const ports = (env.PGPORT || '5432').split(',').map(Number)
  if (ports.some(port => !Number.isInteger(port) || port < 1 || port > 65_535)) {
    throw new OpsError({
      code: 'url-malformed',
      message: 'PGPORT is not a port from 1 to 65535.',
      hint: 'Correct PGPORT, or unset it to use 5432.',
      exit: 2,
    })
  }
  const hosts = (env.PGHOST || 'localhost').split(',')
  const [first = { host: 'localhost', port: 5432 }, ...others] = hosts.map(
    (host, index): Address => ({ host: host || 'localhost', port: ports[index] ?? ports[0] ?? 5432 }),
  )
  const addresses: Target['addresses'] = [first, ...others]
  return {
    addresses,
    user,
    password: () => env.PGPASSWORD || undefined,
    database: env.PGDATABASE || user,
    tls: tlsOf(
      {
        mode: env.PGSSLMODE,
        rootCertificate: env.PGSSLROOTCERT,
        certificate: env.PGSSLCERT,
        key: env.PGSSLKEY,
      },
      addresses,
      'PGSSLMODE',
    ),
    sessionAttrs: sessionAttrsOf(env.PGTARGETSESSIONATTRS, 'PGTARGETSESSIONATTRS'),
    options: env.PGOPTIONS || undefined,
    source: SOURCE,
  }
}
