import { describe, expect, it } from 'vitest'
import type { Target } from '../../src/project/target.ts'
import { parseUrl } from '../../src/project/url.ts'
import { thrown } from '../support/thrown.ts'

/** What `postgres://` alone means, as user `me`. */
const usual = {
  addresses: [{ host: 'localhost', port: 5432 }],
  user: 'me',
  password: undefined,
  database: 'me',
  tls: { mode: 'disable' },
  sessionAttrs: 'any',
  source: '--url',
}

const loose = { mode: 'prefer', options: { rejectUnauthorized: false } }
const at = (...hosts: (string | [string, number])[]) =>
  hosts.map(each =>
    typeof each === 'string' ? { host: each, port: 5432 } : { host: each[0], port: each[1] },
  )

const read: [url: string, differs: object][] = [
  ['postgres://', {}],
  ['postgresql:///', {}],
  ['postgres:///app', { database: 'app' }],
  ['postgres://localhost/app', { database: 'app' }],
  ['postgres://ann@localhost', { user: 'ann', database: 'ann' }],
  [
    'postgres://ann:secret@localhost:5433/app',
    { addresses: at(['localhost', 5433]), user: 'ann', password: 'secret', database: 'app' },
  ],
  ['postgres://:secret@localhost/app', { password: 'secret', database: 'app' }],
  [
    'postgres://a%40b:p%40%3A%2F%23%25%20ss@localhost/my%20app',
    { user: 'a@b', password: 'p@:/#% ss', database: 'my app' },
  ],
  ['postgres://ann:a:b@c@localhost/app', { user: 'ann', password: 'a:b@c', database: 'app' }],
  ['postgres://ann:ünï@localhost/däta', { user: 'ann', password: 'ünï', database: 'däta' }],
  ['postgres://localhost//odd/../name', { database: '/odd/../name' }],
  ['postgres://localhost:/app', { database: 'app' }],
  ['postgres://127.0.0.1/app', { addresses: at('127.0.0.1'), database: 'app' }],
  ['postgres://[::1]:5433/app', { addresses: at(['::1', 5433]), database: 'app' }],
  ['postgres://[2001:db8::1]/app', { addresses: at('2001:db8::1'), database: 'app', tls: loose }],
  ['postgres://a:1,b:2/app', { addresses: at(['a', 1], ['b', 2]), database: 'app', tls: loose }],
  ['postgres://a:1,b,[::1]:3/app', { addresses: at(['a', 1], 'b', ['::1', 3]), database: 'app', tls: loose }],
  [
    'postgres://localhost,db.example.com/app',
    { addresses: at('localhost', 'db.example.com'), database: 'app', tls: loose },
  ],
  ['postgres://a,b/app?port=7', { addresses: at(['a', 7], ['b', 7]), database: 'app', tls: loose }],
  ['postgres:///app?host=a,b&port=1,2', { addresses: at(['a', 1], ['b', 2]), database: 'app', tls: loose }],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/app', { addresses: at('/var/run/postgresql'), database: 'app' }],
  ['postgres://%2Ftmp:5433/app', { addresses: at(['/tmp', 5433]), database: 'app' }],
  ['postgres:///app?host=/tmp', { addresses: at('/tmp'), database: 'app' }],
  [
    'postgres://ann@localhost:5433/app?host=/cloudsql/a:b:c',
    { addresses: at(['/cloudsql/a:b:c', 5433]), user: 'ann', database: 'app' },
  ],
  ['postgres://localhost/app?user=ann@example.com', { user: 'ann@example.com', database: 'app' }],
  [
    'postgres://localhost?user=ann&password=a+b%2Bc&dbname=app',
    { user: 'ann', password: 'a+b+c', database: 'app' },
  ],
  ['postgres://localhost/app?target_session_attrs=any', { database: 'app' }],
  [
    'postgres://localhost/app?target_session_attrs=read-write',
    { database: 'app', sessionAttrs: 'read-write' },
  ],
  ['postgres://localhost/app?target_session_attrs=read-only', { database: 'app', sessionAttrs: 'read-only' }],
  ['postgres://localhost/app?target_session_attrs=primary', { database: 'app', sessionAttrs: 'primary' }],
  ['postgres://localhost/app?target_session_attrs=standby', { database: 'app', sessionAttrs: 'standby' }],
  [
    'postgres://localhost/app?target_session_attrs=prefer-standby',
    { database: 'app', sessionAttrs: 'prefer-standby' },
  ],
  [
    'postgres://localhost/app?options=-c%20search_path%3Dtenant',
    { database: 'app', options: '-c search_path=tenant' },
  ],
  [
    'postgres://localhost/app?sslmode=no-verify',
    { database: 'app', tls: { mode: 'require', options: { rejectUnauthorized: false } } },
  ],
  [
    'postgres://localhost/app?sslmode=require',
    { database: 'app', tls: { mode: 'require', options: { rejectUnauthorized: false } } },
  ],
  [
    'postgres://localhost/app?ssl=true',
    { database: 'app', tls: { mode: 'require', options: { rejectUnauthorized: true } } },
  ],
  ['postgres://db.example.com/app?ssl=false', { addresses: at('db.example.com'), database: 'app' }],
  ['postgres://localhost/app?pgbouncer=true&connection_limit=1', { database: 'app' }],
]

describe('a connection URL', () => {
  it.each(read)('%s', (url, differs) => {
    expect(shown(parseUrl(url, '--url', 'me'))).toEqual({ ...usual, ...differs })
  })

  it('keeps its password out of whatever prints objects', () => {
    const target = parseUrl('postgres://ann:hunter2@localhost/app', '--url', 'me')
    expect(JSON.stringify(target)).not.toContain('hunter2')
    expect(target.password()).toBe('hunter2')
  })
})

const encoding =
  'Write postgres://user:password@host:5432/database, special characters in the password percent-encoded (@ is %40, # is %23, / is %2F, % is %25).'

const malformed: [url: string, message: string, hint?: string][] = [
  ['', 'The URL from --url cannot be read: it does not begin with postgres:// or postgresql://.'],
  [
    'mysql://ann:hunter2@h/app',
    'The URL from --url cannot be read: it does not begin with postgres:// or postgresql://.',
  ],
  [
    'host=h password=hunter2',
    'The URL from --url cannot be read: it does not begin with postgres:// or postgresql://.',
  ],
  ['postgres://ann:hunter2#3@h/app', 'The URL from --url cannot be read: a # stands in it unencoded.'],
  ['postgres://ann:hunter2%@h/app', 'The URL from --url cannot be read: a % stands in it unencoded.'],
  [
    'postgres://ann:p/hunter2@h/app',
    'The URL from --url cannot be read: a / or ? stands in the user or the password unencoded.',
  ],
  [
    'postgres://ann:12/hunter2@h/app',
    'The URL from --url cannot be read: a / or ? stands in the user or the password unencoded.',
  ],
  [
    'postgres://ann:p@hunter2/x@h/app',
    'The URL from --url cannot be read: a / or ? stands in the user or the password unencoded.',
  ],
  [
    'postgres://ann:12?hunter2@h/app',
    'The URL from --url cannot be read: a / or ? stands in the user or the password unencoded.',
  ],
  [
    'postgres://ann:hunter2@::1/app',
    'The URL from --url cannot be read: the host or the port cannot be read.',
  ],
  [
    'postgres://ann:hunter2@h:x/app',
    'The URL from --url cannot be read: the host or the port cannot be read.',
  ],
  [
    'postgres://ann:hunter2@h:0/app',
    'The URL from --url cannot be read: the port is not a number from 1 to 65535.',
  ],
  [
    'postgres://ann:hunter2@h:65536/app',
    'The URL from --url cannot be read: the port is not a number from 1 to 65535.',
  ],
  [
    'postgres:///app?password=hunter2&port=x',
    'The URL from --url cannot be read: the port is not a number from 1 to 65535.',
  ],
  [
    'postgres://ann:hunter2@h/app?sslmode=yes',
    'The sslmode from --url is none of disable, allow, prefer, require, verify-ca, verify-full.',
    'Write ?sslmode=require, or ?sslmode=verify-full&sslrootcert=ca.pem.',
  ],
  [
    'postgres://ann:hunter2@h/app?target_session_attrs=master',
    'The target_session_attrs from --url is none of any, read-write, read-only, primary, standby, prefer-standby.',
    'Write target_session_attrs=read-write, or leave it out to take any server.',
  ],
  [
    'postgres://ann:hunter2@h/app?sslmode=verify-full&sslrootcert=/nowhere.pem',
    'The certificate file /nowhere.pem, named by --url, cannot be read.',
    'Correct sslrootcert, sslcert or sslkey, or remove it.',
  ],
]

describe('a URL that cannot be read', () => {
  it.each(malformed)('%s', async (url, message, hint = encoding) => {
    const error = await thrown(() => parseUrl(url, '--url', 'me'))
    expect(error).toMatchObject({ message, hint, exit: 2 })
    expect(String(error.stack)).not.toContain('hunter2')
  })
})

function shown(target: Target) {
  return { ...target, password: target.password() }
}
