import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { OpsError } from '../errors.ts'
import type { Project } from './project.ts'
import type { Address, Target, Tls } from './target.ts'
import { tlsOf } from './tls.ts'
import { parseUrl } from './url.ts'

const SOURCE = 'dbCredentials'

/**
 * What the config's dbCredentials say: a url, or host fields; `ssl` counts in both (drizzle-kit 0.31
 * ignores it beside a url). An empty url means that nothing is configured.
 */
export function credentialsTarget(project: Project | undefined, user: string): Target | undefined {
  const credentials = project?.config.dbCredentials
  if (!credentials) return undefined
  const { url, host, port, database, password, ssl } = credentials
  if (typeof url === 'string' && url !== '') {
    const target = parseUrl(url, SOURCE, user)
    return ssl === undefined ? target : { ...target, tls: tlsFromConfig(ssl, target.addresses) }
  }
  if (typeof host !== 'string' || host === '') return undefined
  const name = typeof credentials.user === 'string' && credentials.user !== '' ? credentials.user : user
  const addresses: Target['addresses'] = [{ host, port: portFromConfig(port) }]
  return {
    addresses,
    user: name,
    password: () => (typeof password === 'string' && password !== '' ? password : undefined),
    database: typeof database === 'string' && database !== '' ? database : name,
    tls: tlsFromConfig(ssl, addresses),
    sessionAttrs: 'any',
    source: SOURCE,
  }
}

/** Whether the config turns the verification of the server's certificate off, which deserves a warning. */
export function trustsAnyCertificate(project: Project | undefined): boolean {
  const ssl = project?.config.dbCredentials?.ssl
  return typeof ssl === 'object' && ssl !== null && (ssl as TlsOptions).rejectUnauthorized === false
}

function tlsFromConfig(ssl: unknown, addresses: readonly Address[]): Tls {
  if (ssl === undefined) return tlsOf({ mode: undefined }, addresses, SOURCE)
  if (ssl === false) return { mode: 'disable' }
  if (ssl === true) return { mode: 'require', options: { rejectUnauthorized: true } }
  if (typeof ssl === 'string') return tlsOf({ mode: ssl }, addresses, SOURCE)
  if (typeof ssl === 'object' && ssl !== null) return { mode: 'require', options: ssl }
  throw invalid(
    'dbCredentials.ssl is neither true or false, nor a word, nor an object.',
    "Write ssl: 'require', or ssl: { ca: readFileSync('ca.pem', 'utf8') }.",
  )
}

/** Configs read it from the environment, so that it may be text, empty or NaN. */
function portFromConfig(value: unknown): number {
  const port = Number(value || 5432)
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw invalid(
    'dbCredentials.port is not a port from 1 to 65535.',
    'Correct it, or leave it out to use 5432.',
  )
}

function invalid(message: string, hint: string): OpsError {
  return new OpsError({ code: 'config-invalid', message, hint, exit: 2 })
}
