import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { Target } from '../project/target.ts'

/**
 * A target as drizzle-kit's `dbCredentials` have it: https://orm.drizzle.team/docs/drizzle-config-file#dbcredentials
 * Its `prefer` would insist on TLS, so what a session of ours came to decides.
 */
export function credentialsOf(
  { addresses: [{ host, port }], database, user, password, tls }: Target,
  encrypted: boolean,
): object {
  const ssl = encrypted && tls.mode !== 'disable' ? encryption(tls.options) : false
  return { host, port, database, user, password: password(), ssl }
}

/** What of Node's TLS options is text or a switch; functions cannot go through the environment. */
function encryption({ rejectUnauthorized, ca, cert, key, servername }: TlsOptions): object {
  return { rejectUnauthorized, servername, ca: text(ca), cert: text(cert), key: text(key) }
}

function text(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value
}
