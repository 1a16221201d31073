import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { credentialsTarget, trustsAnyCertificate } from '../../src/project/credentials.ts'
import { certificates } from '../support/certificates.ts'
import { projectWith } from '../support/context.ts'
import { documentOf, ops } from '../support/program.ts'
import { emptyProject } from '../support/project.ts'
import { thrown } from '../support/thrown.ts'

const usual = {
  addresses: [{ host: 'db.example.com', port: 5432 }],
  user: 'me',
  password: undefined,
  database: 'me',
  tls: { mode: 'prefer', options: { rejectUnauthorized: false } },
  sessionAttrs: 'any',
  source: 'dbCredentials',
}
const host = 'db.example.com'
const url = 'postgres://ann:hunter2@db.example.com:5433/app'
const fromUrl = {
  addresses: [{ host, port: 5433 }],
  user: 'ann',
  password: 'hunter2',
  database: 'app',
}
const strict = { mode: 'require', options: { rejectUnauthorized: true } }
const ca = readFileSync(certificates.ca, 'utf8')

const read: [credentials: Record<string, unknown>, differs: object][] = [
  [{ url }, fromUrl],
  [
    { url, ssl: 'require' },
    { ...fromUrl, tls: { mode: 'require', options: { rejectUnauthorized: false } } },
  ],
  [
    { url, ssl: true },
    { ...fromUrl, tls: strict },
  ],
  [
    { url: `${url}?sslmode=require`, ssl: false },
    { ...fromUrl, tls: { mode: 'disable' } },
  ],
  [
    { url, ssl: { ca } },
    { ...fromUrl, tls: { mode: 'require', options: { ca } } },
  ],
  [{ host }, {}],
  [{ host, port: 5433, user: 'ann', password: 'hunter2', database: 'app' }, fromUrl],
  [{ host, port: '5433', user: 'ann', password: 'hunter2', database: 'app' }, fromUrl],
  [{ host, port: Number.NaN, user: '', password: '', database: '' }, {}],
  [
    { host, user: 'ann' },
    { user: 'ann', database: 'ann' },
  ],
  [{ host, ssl: '' }, {}],
  [{ host, ssl: 'disable' }, { tls: { mode: 'disable' } }],
  [{ host, ssl: 'verify-full' }, { tls: strict }],
  [{ host, ssl: true }, { tls: strict }],
  [
    { host, ssl: { rejectUnauthorized: false } },
    { tls: { mode: 'require', options: { rejectUnauthorized: false } } },
  ],
  [{ host: 'localhost' }, { addresses: [{ host: 'localhost', port: 5432 }], tls: { mode: 'disable' } }],
  [{ url: '', host }, {}],
]

describe('dbCredentials', () => {
  it.each(read)('%o', (dbCredentials, differs) => {
    const target = credentialsTarget(projectWith({ config: { dbCredentials } }), 'me')
    expect({ ...target, password: target?.password() }).toEqual({ ...usual, ...differs })
  })

  it.each([[{}], [{ url: '' }], [{ url: undefined }], [{ host: '' }], [{ user: 'ann', database: 'app' }]])(
    '%o name no database',
    dbCredentials => {
      expect(credentialsTarget(projectWith({ config: { dbCredentials } }), 'me')).toBe(undefined)
    },
  )

  it('may be missing', () => {
    expect(credentialsTarget(projectWith({}), 'me')).toBe(undefined)
    expect(credentialsTarget(undefined, 'me')).toBe(undefined)
  })
})

const sslHint = "Write ssl: 'require', or ssl: { ca: readFileSync('ca.pem', 'utf8') }."

describe('credentials that cannot be used', () => {
  it.each([
    [
      { host, ssl: 1 },
      'config-invalid',
      'dbCredentials.ssl is neither true or false, nor a word, nor an object.',
      sslHint,
    ],
    [
      { url, ssl: null },
      'config-invalid',
      'dbCredentials.ssl is neither true or false, nor a word, nor an object.',
      sslHint,
    ],
    [
      { host, ssl: 'on' },
      'url-malformed',
      'The sslmode from dbCredentials is none of disable, allow, prefer, require, verify-ca, verify-full.',
      'Write ?sslmode=require, or ?sslmode=verify-full&sslrootcert=ca.pem.',
    ],
    [
      { host, port: 'five', password: 'hunter2' },
      'config-invalid',
      'dbCredentials.port is not a port from 1 to 65535.',
      'Correct it, or leave it out to use 5432.',
    ],
  ])('%o', async (dbCredentials, code, message, hint) => {
    const error = await thrown(() => credentialsTarget(projectWith({ config: { dbCredentials } }), 'me'))
    expect(error).toMatchObject({ code, message, hint, exit: 2 })
  })
})

describe('rejectUnauthorized: false', () => {
  it.each([
    [{ rejectUnauthorized: false }, true],
    [{ rejectUnauthorized: true }, false],
    [{ ca }, false],
    ['require', false],
    [undefined, false],
  ])('in ssl: %o trusts anybody: %s', (ssl, trusts) => {
    expect(trustsAnyCertificate(projectWith({ config: { dbCredentials: { url, ssl } } }))).toBe(trusts)
  })

  it('is warned of, where dbCredentials name the database', async () => {
    const { root } = emptyProject({
      dbCredentials: { host: 'localhost', port: 1, ssl: { rejectUnauthorized: false } },
    })
    const warning =
      'warning: dbCredentials.ssl.rejectUnauthorized is false: anybody between here and the server can pose as it.\n'
    const warned = await ops(['health', '--json'], { cwd: root })
    expect(warned.stderr).toBe(warning)
    expect(documentOf(warned)).toMatchObject({ error: { code: 'connection-refused' } })
    const other = await ops(['health', '--json', '--url', 'postgres://localhost:1/app'], { cwd: root })
    expect(other.stderr).toBe('')
  })
})
