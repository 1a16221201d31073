import { OpsError } from '../errors.ts'
import { sessionAttrsOf } from './session-attrs.ts'
import type { Address, Target } from './target.ts'
import { type SslParameters, tlsOf } from './tls.ts'

const SCHEME = /^postgres(?:ql)?:\/\//
const AUTHORITY_END = /[/?]/
const MISPLACED_AT = /^[^=]*@/
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/
const BRACKETS = /^\[|\]$/g
const DEFAULT_PORT = 5432

/**
 * Reads a PostgreSQL connection URI: several hosts, IPv6 in brackets, a Unix socket's directory as a
 * percent-encoded host or `?host=`, percent-encoded names and passwords.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 * Throws OpsError `url-malformed`, whose text never holds the URL: it may hold a password.
 */
export function parseUrl(url: string, source: string, defaultUser: string): Target {
  if (!SCHEME.test(url)) throw malformed(source, 'it does not begin with postgres:// or postgresql://')
  const { authority, path, query } = divide(url.replace(SCHEME, ''), source)
  const at = authority.lastIndexOf('@')
  const [user = '', ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const addresses = addressesOf(authority.slice(at + 1), query, source)
  const name = decode(user, source) || query.get('user') || defaultUser
  const secret = decode(password.join(':'), source) || query.get('password') || undefined
  return {
    addresses,
    user: name,
    password: () => secret,
    database: decode(path, source) || query.get('dbname') || name,
    tls: tlsOf(sslParameters(query), addresses, source),
    sessionAttrs: sessionAttrsOf(query.get('target_session_attrs') ?? undefined, source),
    options: query.get('options') ?? undefined,
    source,
  }
}

/** By hand: a URL parser of the web would take the hosts apart, and change paths that a database may have as its name. */
function divide(rest: string, source: string) {
  if (rest.includes('#')) throw malformed(source, 'a # stands in it unencoded')
  const end = rest.search(AUTHORITY_END)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const tail = rest.slice(authority.length)
  // what was meant as a password would be taken for a host, a port and a database, and be printed
  if (MISPLACED_AT.test(tail))
    throw malformed(source, 'a / or ? stands in the user or the password unencoded')
  const [path = '', ...query] = tail.split('?')
  // a + is a + here, though not in a web form
  return {
    authority,
    path: path.slice(1),
    query: new URLSearchParams(query.join('?').replaceAll('+', '%2B')),
  }
}

/** As libpq has it, `?host=` and `?port=` count more than what stands before the path. */
function addressesOf(authority: string, query: URLSearchParams, source: string): [Address, ...Address[]] {
  const written = authority.split(',').map(each => {
    const [, host = '', port = ''] = HOST_AND_PORT.exec(each) ?? []
    if (each !== '' && host + port === '') throw malformed(source, 'the host or the port cannot be read')
    return { host: decode(host.replace(BRACKETS, ''), source), port }
  })
  const hosts = query.get('host')?.split(',') ?? written.map(({ host }) => host)
  const ports = query.get('port')?.split(',') ?? written.map(({ port }) => port)
  const [first, ...others] = hosts.map((host, index) => ({
    host: host || 'localhost',
    port: portOf(ports.length === 1 ? ports[0] : ports[index], source),
  }))
  return [first ?? { host: 'localhost', port: DEFAULT_PORT }, ...others]
}

function portOf(text: string | undefined, source: string): number {
  const port = Number(text || DEFAULT_PORT)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw malformed(source, 'the port is not a number from 1 to 65535')
  return port
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
