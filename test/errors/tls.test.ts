import { join } from 'node:path'
import { expect, it } from 'vitest'
import { certificates } from '../support/certificates.ts'
import { failure, told, withSecret } from '../support/failures.ts'
import { emptyFolder } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { startServer } from '../support/servers.ts'
import { newestMajor, sharedServer } from '../support/shared-servers.ts'

function statusAt(url: string, password?: string) {
  const { root } = journalProject([])
  return failure(['status', '--url', withSecret(url, password)], { cwd: root })
}

const server = sharedServer(newestMajor())
const at = `127.0.0.1:${server.port}`

it('required by the server', async () => {
  const role = await freshRole('tls')
  expect(await statusAt(`postgres://${role.name}@${at}/postgres`, role.password)).toEqual(
    told({
      exit: 3,
      code: 'tls-required',
      message: `The server does not let ${role.name} in without TLS: pg_hba.conf rejects connection for host "127.0.0.1", user "${role.name}", database "postgres", no encryption.`,
      hint: "Add ?sslmode=require to the URL from --url (ssl: 'require' in dbCredentials); if it still refuses, its pg_hba.conf has no line for this user, database and address.",
      sqlstate: '28000',
    }),
  )
})

it('refused by the server', async () => {
  const plain = await startServer({ major: newestMajor(), tls: false })
  const failed = await statusAt(`${plain.url()}?sslmode=require`).finally(() => plain.stop('immediate'))
  expect(failed).toEqual(
    told({
      exit: 3,
      code: 'tls-refused',
      message: `The server at 127.0.0.1:${plain.port} does not offer TLS, and this connection demands it.`,
      hint: 'Turn TLS on in the server, or, on a network that you trust, write ?sslmode=prefer (ssl: false in dbCredentials).',
    }),
  )
})

it.each([
  ['without its authority', ''],
  ['with another authority', `&sslrootcert=${certificates.unrelatedCa}`],
])('certificate not trusted %s', async (_, authority) => {
  expect(await statusAt(`postgres://postgres@${at}/postgres?sslmode=verify-full${authority}`)).toEqual(
    told({
      exit: 3,
      code: 'certificate-not-trusted',
      message: `The certificate of ${at} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
      hint: "Give its authority's certificate with sslrootcert=ca.pem (ssl: { ca } in dbCredentials).",
    }),
  )
})

it('certificate of another host', async () => {
  const misnamed = await startServer({
    major: newestMajor(),
    settings: { ssl_cert_file: 'misnamed.pem' },
  })
  const url = `${misnamed.url()}?sslmode=verify-full&sslrootcert=${certificates.ca}`
  const failed = await statusAt(url).finally(() => misnamed.stop('immediate'))
  expect(failed).toEqual(
    told({
      exit: 3,
      code: 'certificate-misnamed',
      message: `The certificate of 127.0.0.1:${misnamed.port} is made out for another host (DNS:db.invalid).`,
      hint: 'Correct the host in --url, or, where the network can be trusted, write ?sslmode=verify-ca, which does not compare names.',
    }),
  )
})

it('a key that belongs to another certificate', async () => {
  const url = `postgres://postgres@${at}/postgres?sslmode=require&sslcert=${certificates.ca}&sslkey=${certificates.serverKey}`
  expect(await statusAt(url)).toEqual(
    told({
      exit: 3,
      code: 'tls-failed',
      message: `TLS with ${at} failed (ERR_OSSL_X509_KEY_VALUES_MISMATCH).`,
      hint: 'See whether the files in sslcert, sslkey and sslrootcert are PEM and belong together, and which versions of TLS the server speaks.',
    }),
  )
})

it('a certificate file that is missing', async () => {
  const file = join(emptyFolder(), 'ca.pem')
  const url = `postgres://postgres@${at}/postgres?sslmode=verify-full&sslrootcert=${file}`
  expect(await statusAt(url)).toEqual(
    told({
      exit: 2,
      code: 'certificate-missing',
      message: `The certificate file ${file}, named by --url, cannot be read.`,
      hint: 'Correct sslrootcert, sslcert or sslkey, or remove it.',
    }),
  )
})
