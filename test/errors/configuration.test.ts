import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { urlOf } from '../support/address.ts'
import { failure, secret, told, withSecret } from '../support/failures.ts'
import { emptyFolder } from '../support/program.ts'
import { emptyProject, journalProject, write } from '../support/project.ts'
import { newestMajor, sharedServer } from '../support/shared-servers.ts'

describe('the connection', () => {
  it('no URL at all: every place that was looked at, and no embedded server', async () => {
    const { root } = journalProject([])
    const failed = await failure(['migrate'], { cwd: root, env: { PGPASSWORD: secret() } })
    expect(failed).toEqual(
      told({
        exit: 2,
        code: 'url-missing',
        message:
          'No database is configured. Looked at, in this order: --url; DRIZZLE_OPS_URL; ops.migrationUrl; dbCredentials; DATABASE_URL; PGHOST, PGDATABASE; the embedded server (off: neither --embedded nor ops.embedded is set).',
        hint: 'Set DATABASE_URL, or pass --url postgres://user:password@host:5432/database, or --embedded for a server of your own.',
      }),
    )
    expect(failed.text).toBe(
      'error: No database is configured. Looked at, in this order: --url; DRIZZLE_OPS_URL; ops.migrationUrl; dbCredentials; DATABASE_URL; PGHOST, PGDATABASE; the embedded server (off: neither --embedded nor ops.embedded is set). [url-missing]\n' +
        '  → Set DATABASE_URL, or pass --url postgres://user:password@host:5432/database, or --embedded for a server of your own.\n',
    )
  })

  it('no URL in the variable that --url-env names', async () => {
    const { root } = journalProject([])
    const env = { DATABASE_URL: withSecret('postgres://app@127.0.0.1/app') }
    expect(await failure(['status', '--url-env', 'DIRECT_URL'], { cwd: root, env })).toEqual(
      told({
        exit: 2,
        code: 'url-missing',
        message: 'The environment variable DIRECT_URL, named by --url-env, is not set.',
        hint: 'Set DIRECT_URL, in the environment or in an env file, or name another variable.',
      }),
    )
  })

  it.each([
    ['mysql://app@host/app', 'it does not begin with postgres:// or postgresql://'],
    ['postgres://app@host:port/app', 'the host or the port cannot be read'],
    ['postgres://app@host:99999/app', 'the port is not a number from 1 to 65535'],
    ['postgres://app@host/app#1', 'a # stands in it unencoded'],
    ['postgres://app@host/100%', 'a % stands in it unencoded'],
  ])('malformed URL %s', async (url, why) => {
    const { root } = journalProject([])
    const env = { DATABASE_URL: withSecret(url) }
    expect(await failure(['status'], { cwd: root, env })).toEqual(
      told({
        exit: 2,
        code: 'url-malformed',
        message: `The URL from DATABASE_URL cannot be read: ${why}.`,
        hint: 'Write postgres://user:password@host:5432/database, special characters in the password percent-encoded (@ is %40, # is %23, / is %2F, % is %25).',
      }),
    )
  })

  it('env file missing', async () => {
    const { root } = journalProject([])
    const url = withSecret('postgres://app@127.0.0.1/app')
    expect(await failure(['status', '--env-file', '.env.ci', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 2,
        code: 'env-file-missing',
        message: `There is no env file ${join(root, '.env.ci')}.`,
        hint: 'Correct --env-file, or leave it out: .env.local and .env beside the config are read by themselves.',
      }),
    )
  })
})

describe('the config', () => {
  const url = withSecret('postgres://app@127.0.0.1/app')

  it('missing', async () => {
    const cwd = emptyFolder()
    expect(await failure(['migrate', '--url', url], { cwd })).toEqual(
      told({
        exit: 2,
        code: 'config-missing',
        message: `There is no drizzle.config.{ts,mts,cts,js,mjs,cjs,json} in ${cwd} or above it up to the nearest package.json.`,
        hint: 'Change into the project, or name the file with --config <file>.',
      }),
    )
  })

  it('missing where --config names it', async () => {
    const cwd = emptyFolder()
    expect(await failure(['migrate', '--config', 'db.config.ts', '--url', url], { cwd })).toEqual(
      told({
        exit: 2,
        code: 'config-missing',
        message: `There is no file ${join(cwd, 'db.config.ts')}.`,
        hint: 'Correct --config, or leave it out to use drizzle.config.* of this folder.',
      }),
    )
  })

  it('throws', async () => {
    const file = configWith(
      "const url: string = process.env.SHOP_DATABASE_URL ?? ''",
      "if (url === '') throw new Error('SHOP_DATABASE_URL is not set')",
      "export default { dialect: 'postgresql', dbCredentials: { url } }",
    )
    expect(await failure(['migrate', '--config', file])).toEqual(
      told({
        exit: 2,
        code: 'config-throws',
        message: `${file} line 2 threw: SHOP_DATABASE_URL is not set`,
        hint: 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).',
        where: { file, line: 2, column: 23 },
      }),
    )
  })

  it('throws out of Node itself', async () => {
    const file = configWith(
      "export default { dialect: 'postgresql',",
      "  dbCredentials: { url: new URL(process.env.SHOP_DATABASE_URL ?? '').href } }",
    )
    expect(await failure(['migrate', '--config', file])).toEqual(
      told({
        exit: 2,
        code: 'config-throws',
        message: `${file} line 2 threw: Invalid URL`,
        hint: 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).',
        where: { file, line: 2, column: 25 },
      }),
    )
  })

  it('throws the URL about', async () => {
    const file = configWith(`throw new Error("cannot use ${url}")`)
    expect(await failure(['migrate', '--config', file])).toEqual(
      told({
        exit: 2,
        code: 'config-throws',
        message: `${file} line 1 threw: cannot use postgres://app:…@127.0.0.1/app`,
        hint: 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).',
        where: { file, line: 1, column: 7 },
      }),
    )
  })

  it('not TypeScript', async () => {
    const file = configWith('export default {', "  dialect 'postgresql',", '}')
    expect(await failure(['migrate', '--config', file])).toEqual(
      told({
        exit: 2,
        code: 'config-syntax',
        message: `${file} line 2 cannot be compiled: Expected "}" but found "'postgresql'".`,
        hint: 'Mend that line; drizzle-kit reads the same file.',
        excerpt: ["  2 |   dialect 'postgresql',", '                ^'],
        where: { file, line: 2, column: 11 },
      }),
    )
  })

  function configWith(...lines: readonly string[]): string {
    const file = join(emptyFolder(), 'drizzle.config.ts')
    write(file, lines.join('\n'))
    return file
  }
})

describe('the migrations', () => {
  const { port, ...server } = sharedServer(newestMajor())
  const url = withSecret(urlOf({ port, ...server }))
  const database = { name: 'postgres', host: '127.0.0.1', port, user: 'postgres', source: '--url' }

  it('no out in the config, and no default folder', async () => {
    const { root, out } = emptyProject({ out: undefined })
    expect(await failure(['migrate', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 2,
        code: 'migrations-missing',
        message: `${join(root, 'drizzle.config.json')} sets no out, and the default folder ${out} does not exist.`,
        hint: "Add out: './drizzle' to it, or make the first migration: drizzle-ops generate.",
        database,
      }),
    )
  })

  it('no folder where out names it', async () => {
    const { root } = emptyProject({ out: './migrations' })
    expect(await failure(['migrate', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 2,
        code: 'migrations-missing',
        message: `The migrations folder ${join(root, 'migrations')} does not exist.`,
        hint: 'Correct out in the config, or make the first migration: drizzle-ops generate.',
        database,
      }),
    )
  })

  it('no journal', async () => {
    const { root, out } = emptyProject()
    write(join(out, '0000_users.sql'), 'CREATE TABLE users (id int);')
    expect(await failure(['migrate', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 2,
        code: 'journal-missing',
        message: `${out} holds neither meta/_journal.json nor folders with a migration.sql, so what to migrate is unknown.`,
        hint: 'Run drizzle-kit generate, or correct out in the config. In a container, see whether the whole folder was copied.',
        database,
      }),
    )
  })

  it.each([
    ['not JSON', '<<<<<<< HEAD', `is not JSON (${parseError('<<<<<<< HEAD')})`],
    ['without entries', '{}', 'has no entries'],
    ['with an entry that names nothing', '{"entries":[{"when":1}]}', 'has no tag or no when in entry 0'],
  ])('journal %s', async (_, text, why) => {
    const { root, out } = emptyProject()
    write(join(out, 'meta/_journal.json'), text)
    expect(await failure(['migrate', '--url', url], { cwd: root })).toEqual(journalInvalid(out, why))
  })

  it('SQL file missing', async () => {
    const { root, out } = emptyProject()
    write(join(out, 'meta/_journal.json'), '{"entries":[{"tag":"0000_users","when":1}]}')
    const file = join(out, '0000_users.sql')
    expect(await failure(['migrate', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 2,
        code: 'sql-file-missing',
        message: `The migration file ${file} cannot be read (ENOENT).`,
        hint: 'Restore it from git; the journal names it.',
        where: { file },
        database,
      }),
    )
  })

  function journalInvalid(out: string, why: string) {
    const file = join(out, 'meta/_journal.json')
    return told({
      exit: 2,
      code: 'journal-invalid',
      message: `The journal ${file} ${why}.`,
      hint: 'A merge may have left conflict markers in it: mend it, or restore it from git.',
      where: { file },
      database,
    })
  }
})

/** Each version of Node words it anew. */
function parseError(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch (error) {
    return (error as Error).message
  }
}

describe('the arguments', () => {
  it('a URL in the place of a command', async () => {
    const url = withSecret('postgres://app@127.0.0.1/app')
    expect(await failure([url])).toEqual(
      told({
        exit: 2,
        code: 'usage',
        message: "Unknown command 'postgres://app:…@127.0.0.1/app'.",
        hint: 'drizzle-ops --help lists what there is.',
      }),
    )
  })

  it('a URL in the place of a duration', async () => {
    const url = withSecret('postgres://app@127.0.0.1/app')
    expect(await failure(['status', '--connect-timeout', url])).toEqual(
      told({
        exit: 2,
        code: 'usage',
        message:
          "Option '--connect-timeout <duration>' argument 'postgres://app:…@127.0.0.1/app' is invalid. Write a number and a unit: 250ms, 5s, 10m, 24h or 30d.",
        hint: 'drizzle-ops --help lists what there is.',
      }),
    )
  })
})
