import { OpsError } from '../errors.ts'
import type { Address, SessionAttrs, Target } from './target.ts'
import { type SslParameters, tlsOf } from './tls.ts'

const SCHEME = /^postgres(?:ql)?:\/\//
const AUTHORITY_END = /[/?#]/
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/
const DEFAULT_PORT = 5432
const SESSION_ATTRS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby']

/**
 * Reads a PostgreSQL connection URI: several hosts, IPv6 in brackets, a Unix socket's directory as a
 * percent-encoded host or `?host=`, percent-encoded names and passwords.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 * Throws OpsError `url-malformed`, whose text never holds the URL: it may hold a password.
 */
export function parseUrl(url: string, source: string, defaultUser: string): Target {
  if (!SCHEME.test(url)) throw malformed(source, 'it does not begin with postgres:// or postgresql://')
  const rest = url.replace(SCHEME, '')
  const end = rest.search(AUTHORITY_END)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const tail = new URL(end < 0 ? '/' : rest.slice(end), 'postgres://host/')
  if (tail.hash) throw malformed(source, 'a # stands in it unencoded')

  const at = authority.lastIndexOf('@')
  const [user = '', ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const query = tail.searchParams
  const addresses = addressesOf(authority.slice(at + 1), query, source)
  const name = decode(user, source) || query.get('user') || defaultUser
  const secret = decode(password.join(':'), source) || query.get('password') || undefined
  return {
    addresses,
    user: name,
    password: () => secret,
    database: decode(tail.pathname.slice(1), source) || query.get('dbname') || name,
    tls: tlsOf(sslParameters(query), addresses[0].host, source),
    sessionAttrs: sessionAttrs(query.get('target_session_attrs'), source),
    source,
  }
}

function addressesOf(text: string, query: URLSearchParams, source: string): [Address, ...Address[]] {
  const hosts = (text === '' ? (query.get('host') ?? '') : text).split(',')
  const ports = (query.get('port') ?? '').split(',')
  const [first, ...others] = hosts.map((each, index) => {
    const match = HOST_AND_PORT.exec(each)
    if (!match) throw malformed(source, 'the host or the port cannot be read')
    const host = decode((match[1] ?? '').replace(/^\[|\]$/g, ''), source)
    const port = Number(match[2] || ports[index] || ports[0] || DEFAULT_PORT)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw malformed(source, 'the port is not a number from 1 to 65535')
    return { host: host || 'localhost', port }
  })
  return [first ?? { host: 'localhost', port: DEFAULT_PORT }, ...others]
}

function sslParameters(query: URLSearchParams): SslParameters {
  const mode = query.get('sslmode') ?? query.get('ssl') ?? undefined
  return {
    mode: mode === 'true' ? 'verify-full' : mode === 'false' ? 'disable' : mode,
    rootCertificate: query.get('sslrootcert') ?? undefined,
    certificate: query.get('sslcert') ?? undefined,
    key: query.get('sslkey') ?? undefined,
  }
}

function sessionAttrs(text: string | null, source: string): SessionAttrs {
  if (text === null) return 'any'
  if (!SESSION_ATTRS.includes(text))
    throw malformed(source, `target_session_attrs is none of ${SESSION_ATTRS.join(', ')}`)
  return text as SessionAttrs
}

function decode(text: string, source: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformed(source, 'a % stands in it unencoded')
  }
}

function malformed(source: string, why: string): OpsError {
  return new OpsError({
    code: 'url-malformed',
    message: `The URL from ${source} cannot be read: ${why}.`,
    hint: 'Write postgres://user:password@host:5432/database, special characters in the password percent-encoded (@ is %40, # is %23, / is %2F, % is %25).',
    exit: 2,
  })
}
