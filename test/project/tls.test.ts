import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isLocal, type SslParameters, tlsOf } from '../../src/project/tls.ts'
import { certificates } from '../support/certificates.ts'
import { thrown } from '../support/thrown.ts'

const remote = 'db.example.com'
const { ca: rootCertificate, server: certificate, serverKey: key } = certificates
const [ca, cert, pem] = [rootCertificate, certificate, key].map(file => readFileSync(file))

const loose = { rejectUnauthorized: false }
const strict = { rejectUnauthorized: true }
/** The chain is verified, the host's name is not. */
const anyName = { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }

const meanings: [ssl: Partial<SslParameters>, tls: object][] = [
  [{}, { mode: 'prefer', options: loose }],
  [{ mode: '' }, { mode: 'prefer', options: loose }],
  [{ mode: 'disable' }, { mode: 'disable' }],
  [{ mode: 'allow' }, { mode: 'prefer', options: loose }],
  [{ mode: 'prefer' }, { mode: 'prefer', options: loose }],
  [{ mode: 'require' }, { mode: 'require', options: loose }],
  [
    { mode: 'require', rootCertificate },
    { mode: 'require', options: { ...anyName, ca } },
  ],
  [{ mode: 'verify-ca' }, { mode: 'require', options: anyName }],
  [
    { mode: 'verify-ca', rootCertificate },
    { mode: 'require', options: { ...anyName, ca } },
  ],
  [{ mode: 'verify-full' }, { mode: 'require', options: strict }],
  [
    { mode: 'verify-full', rootCertificate },
    { mode: 'require', options: { ...strict, ca } },
  ],
  [{ rootCertificate: 'system' }, { mode: 'require', options: strict }],
  [
    { mode: 'require', rootCertificate: 'system' },
    { mode: 'require', options: strict },
  ],
  [
    { mode: 'require', certificate, key },
    { mode: 'require', options: { ...loose, cert, key: pem } },
  ],
]

describe('how a remote server is spoken to', () => {
  it.each(meanings)('%o', (ssl, tls) => {
    expect(tlsOf({ mode: undefined, ...ssl }, [address(remote)], '--url')).toEqual(tls)
  })

  it('without a word, in plain text where everything stays on this machine', () => {
    const mode = (...hosts: string[]) => tlsOf({ mode: undefined }, hosts.map(address), '--url').mode
    expect(mode('localhost')).toBe('disable')
    expect(mode('/tmp', '127.0.0.1')).toBe('disable')
    expect(mode('localhost', remote)).toBe('prefer')
  })
})

it.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['/var/run/postgresql', true],
  ['localhost.example.com', false],
  ['10.127.0.0', false],
  ['::2', false],
])('%s stays on this machine: %s', (host, local) => {
  expect(isLocal(host)).toBe(local)
})

describe('what cannot be used', () => {
  it('names the words', async () => {
    expect(await thrown(() => tlsOf({ mode: 'on' }, [address(remote)], 'PGSSLMODE'))).toMatchObject({
      code: 'url-malformed',
      message:
        'The sslmode from PGSSLMODE is none of disable, allow, prefer, require, verify-ca, verify-full.',
      hint: 'Write ?sslmode=require, or ?sslmode=verify-full&sslrootcert=ca.pem.',
      exit: 2,
    })
  })

  it.each(['rootCertificate', 'certificate', 'key'])('names the file of a missing %s', async parameter => {
    const ssl = { mode: 'require', [parameter]: '/nowhere.pem' }
    expect(await thrown(() => tlsOf(ssl, [address(remote)], 'DATABASE_URL'))).toMatchObject({
      code: 'certificate-missing',
      message: 'The certificate file /nowhere.pem, named by DATABASE_URL, cannot be read.',
      hint: 'Correct sslrootcert, sslcert or sslkey, or remove it.',
      exit: 2,
    })
  })
})

function address(host: string) {
  return { host, port: 5432 }
}
