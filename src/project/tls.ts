import { readFileSync } from 'node:fs'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { OpsError } from '../errors.ts'
import type { Address, Tls } from './target.ts'

/** libpq's words: https://www.postgresql.org/docs/current/libpq-ssl.html */
export interface SslParameters {
  readonly mode: string | undefined
  readonly rootCertificate?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/

/** Whether what is sent to this host stays on this machine: a Unix socket's directory or the loopback range. */
export function isLocal(host: string): boolean {
  return host.startsWith('/') || LOOPBACK.test(host)
}

/**
 * How to encrypt, from libpq's parameters. Without a mode TLS is preferred, as libpq does, but
 * not asked of this machine itself: one round trip for nothing.
 */
export function tlsOf(ssl: SslParameters, addresses: readonly Address[], source: string): Tls {
  const mode = modeOf(ssl, addresses)
  const files: TlsOptions = {
    ...(ssl.rootCertificate && ssl.rootCertificate !== 'system'
      ? { ca: read(ssl.rootCertificate, source) }
      : {}),
    ...(ssl.certificate ? { cert: read(ssl.certificate, source) } : {}),
    ...(ssl.key ? { key: read(ssl.key, source) } : {}),
  }
  switch (mode) {
    case 'disable':
      return { mode: 'disable' }
    case 'allow':
    case 'prefer':
      return { mode: 'prefer', options: { ...files, rejectUnauthorized: false } }
    // node-postgres's word for libpq's `require`, which providers hand out
    case 'no-verify':
    case 'require':
      // libpq verifies under `require` as soon as it is given a root certificate
      return files.ca
        ? withoutHostName(files)
        : { mode: 'require', options: { ...files, rejectUnauthorized: false } }
    case 'verify-ca':
      return withoutHostName(files)
    case 'verify-full':
      return { mode: 'require', options: { ...files, rejectUnauthorized: true } }
    default:
      throw new OpsError({
        code: 'url-malformed',
        message: `The sslmode from ${source} is none of disable, allow, prefer, require, verify-ca, verify-full.`,
        hint: 'Write ?sslmode=require, or ?sslmode=verify-full&sslrootcert=ca.pem.',
        exit: 2,
      })
  }
}

function modeOf({ mode, rootCertificate }: SslParameters, addresses: readonly Address[]): string {
  // libpq allows no less where the system's own authorities are trusted
  if (rootCertificate === 'system') return 'verify-full'
  return mode || (addresses.every(({ host }) => isLocal(host)) ? 'disable' : 'prefer')
}

function withoutHostName(files: TlsOptions): Tls {
  return {
    mode: 'require',
    options: { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined },
  }
}

function read(file: string, source: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new OpsError({
      code: 'certificate-missing',
      message: `The certificate file ${file}, named by ${source}, cannot be read.`,
      hint: 'Correct sslrootcert, sslcert or sslkey, or remove it.',
      exit: 2,
      cause,
    })
  }
}
