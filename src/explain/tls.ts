import type { Explanation } from '../explain.ts'
import { type Attempt, placeOf } from './attempt.ts'

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY/
const HANDSHAKE = /^(?:ERR_SSL_|ERR_OSSL_|ERR_TLS_|EPROTO$)/

/** What went wrong with the encryption, if that is it. */
export function explainTls(
  error: NodeJS.ErrnoException,
  { address, target: { source } }: Attempt,
): Explanation | undefined {
  const { code = '' } = error
  const at = placeOf(address)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return [
      'certificate-misnamed',
      `The certificate of ${at} is made out for another host${namesIn(error)}.`,
      `Correct the host in ${source}, or, where the network can be trusted, write ?sslmode=verify-ca, which does not compare names.`,
      3,
    ]
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return [
      'certificate-expired',
      `The certificate of ${at} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
      'Renew it on the server, and see whether the clocks are right.',
      3,
    ]
  }
  if (!code.startsWith('ERR_') && CERTIFICATE.test(code)) {
    return [
      'certificate-not-trusted',
      `The certificate of ${at} is not trusted (${code}).`,
      `Give its authority's certificate with sslrootcert=ca.pem (ssl: { ca } in dbCredentials).`,
      3,
    ]
  }
  if (!HANDSHAKE.test(code)) return undefined
  return [
    'tls-failed',
    `TLS with ${at} failed (${code}).`,
    `See whether the files in sslcert, sslkey and sslrootcert are PEM and belong together, and which versions of TLS the server speaks.`,
    3,
  ]
}

function namesIn(error: object): string {
  const { cert } = error as { cert?: { subjectaltname?: string } }
  return cert?.subjectaltname ? ` (${cert.subjectaltname})` : ''
}
