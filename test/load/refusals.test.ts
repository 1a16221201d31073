import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ArchivedTable } from '../../src/archive/manifest.ts'
import { archiveOf, manifestWith } from '../archive/archive.ts'
import { connect } from '../support/client.ts'
import { clone, type TestDatabase, template } from '../support/databases.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { contentsOf } from './contents.ts'
import { exported, imported, refusal } from './moving.ts'

const shop = template('shop', async ({ sql }) => {
  await sql.unsafe(`
    CREATE TABLE projects (id int PRIMARY KEY, name text NOT NULL, score int);
    CREATE TABLE files (id int PRIMARY KEY, project int NOT NULL REFERENCES projects, path varchar(5));
    CREATE TABLE apart (id int PRIMARY KEY, secret text);
    CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id int PRIMARY KEY, hash text, created_at bigint);
    INSERT INTO projects VALUES (9, 'there', 1);`)
})

const column = (name: string, type: string) => ({ name, type, encoding: 'json' as const })
const projects = {
  table: 'public.projects',
  columns: [column('id', 'integer'), column('name', 'text'), column('score', 'integer')],
}
const files = {
  table: 'public.files',
  columns: [column('id', 'integer'), column('project', 'integer'), column('path', 'character varying(5)')],
}

function saved(bytes: Buffer): string {
  const file = join(emptyFolder(), 'a.ndjson')
  write(file, bytes)
  return file
}

/** The file of an archive of these rows, made as the writer makes it. */
async function archive(
  tables: readonly (readonly [Partial<ArchivedTable>, readonly string[]])[],
  changes: object = {},
) {
  const manifest = manifestWith(
    tables.map(([table]) => table),
    changes,
  )
  return saved(
    await archiveOf(
      manifest,
      manifest.tables.map((table, index) => [table, tables[index]?.[1] ?? []]),
    ),
  )
}

/** Refused, with the database as it was. */
async function refused(file: string, args: readonly string[] = [], database?: TestDatabase) {
  const target = database ?? (await clone(shop))
  const before = [await contentsOf(target.sql), await target.dump()]
  const { message = '', exit, code, hint } = await refusal(file, target.url, args)
  expect([await contentsOf(target.sql), await target.dump()]).toEqual(before)
  return { exit, code, hint, message: message.replaceAll(file, 'FILE') }
}

const AGAIN =
  'Copy it again from where it was made, or export it anew; drizzle-ops archive verify <file> tells whether it is whole.'
const good = [
  [projects, ['{"id":1,"name":"a","score":1}', '{"id":2,"name":"b","score":null}']],
  [files, ['{"id":1,"project":1,"path":"p"}']],
] as const

describe('an import is refused, and nothing is written,', () => {
  it.each<[string, (text: string) => string | Buffer, string]>([
    [
      'truncated',
      text => text.slice(0, text.indexOf('{"end"')),
      'FILE has no last line: it has been cut short (line 7).',
    ],
    [
      'with a flipped byte',
      text => text.replace('"a"', '"c"'),
      'FILE has a chunk 1 that does not match its hash (line 3).',
    ],
    [
      'not JSON',
      text => text.replace('{"chunk"', 'chunk'),
      'FILE has a line that is not JSON where a chunk should begin (line 2).',
    ],
    [
      'with wrong counts',
      text => text.replace('"rows":{"public.projects":2', '"rows":{"public.projects":3'),
      'FILE ends with a line that does not fit the 2 chunks before it (line 7).',
    ],
    [
      'gzip cut short',
      text => gzipSync(text).subarray(0, -9),
      'FILE cannot be unpacked: unexpected end of file.',
    ],
  ])('of an archive that is %s', async (_, change, message) => {
    const text = readFileSync(await archive(good), 'utf8')
    const file = saved(Buffer.from(change(text)))
    expect(await refused(file)).toEqual({ exit: 2, code: 'archive-damaged', message, hint: AGAIN })
  })

  it('of a future version', async () => {
    expect(await refused(await archive(good, { archive: 'drizzle-ops/archive@2' }))).toEqual({
      exit: 2,
      code: 'archive-version',
      message:
        'FILE is of the format drizzle-ops/archive@2, and this drizzle-ops reads drizzle-ops/archive@1.',
      hint: 'Use the version of drizzle-ops that has written it, or a newer one.',
    })
  })

  it('of a decompression bomb', async () => {
    const bytes = gzipSync(Buffer.concat([readFileSync(await archive(good)), Buffer.alloc(5_000_000, 'x')]))
    expect(await refused(saved(bytes), ['--max-size', '1MB'])).toEqual({
      exit: 2,
      code: 'archive-too-large',
      message: 'FILE unpacks to more than 1.0 MiB, which may be meant to fill this machine.',
      hint: 'If you trust it, allow more with --max-size 100GB.',
    })
  })

  it.each([
    [
      'that is not there',
      'public.users',
      'FILE holds rows of public.users, and this database has no such table.',
      'Migrate this database to where the source was, then import again.',
    ],
    [
      'that nothing connects with the root',
      'public.apart',
      'FILE holds rows of public.apart, which nothing here connects with public.projects.',
      "Follow the schema's relations with --relations, or declare how they are connected under ops.graph.references, if the archive can be trusted.",
    ],
    [
      'of the history',
      'drizzle.__drizzle_migrations',
      'FILE holds rows of drizzle.__drizzle_migrations, which nothing here connects with public.projects.',
      "Follow the schema's relations with --relations, or declare how they are connected under ops.graph.references, if the archive can be trusted.",
    ],
    [
      'of the catalog',
      'pg_catalog.pg_authid',
      'FILE holds rows of pg_catalog.pg_authid, and this database has no such table.',
      'Migrate this database to where the source was, then import again.',
    ],
  ])('of rows of a table %s', async (_, table, message, hint) => {
    const file = await archive([...good, [{ table, columns: [column('id', 'integer')] }, []]])
    expect(await refused(file)).toEqual({ exit: 1, code: 'archive-foreign', message, hint })
  })

  it.each(['drizzle.__drizzle_migrations', 'public.nothing'])('of the root %s', async table => {
    const file = await archive([[{ table, columns: [column('id', 'integer')] }, []]], {
      root: { table, key: '1' },
    })
    expect(await refused(file)).toEqual({
      exit: 1,
      code: 'archive-foreign',
      message: `FILE is an archive of ${table}, and this database has no such table to import into.`,
      hint: 'See which database is meant with drizzle-ops doctor, and whether it is migrated with drizzle-ops status.',
    })
  })

  it('of a reference that leads nowhere', async () => {
    const file = await archive([
      good[0],
      [
        files,
        [
          '{"id":1,"project":1,"path":"p"}',
          '{"id":2,"project":5,"path":"q"}',
          '{"id":3,"project":6,"path":"q"}',
        ],
      ],
    ])
    const expected = {
      exit: 1,
      code: 'dangling-reference',
      message:
        'public.files id=2 (line 7) points by project to a row of public.projects that is neither in the archive nor in this database, as do 1 others.',
      hint: 'Bring those rows in first, or put another in their place: --owner <id> or --set files.project=<value>.',
    }
    expect(await refused(file)).toEqual(expected)
    expect(await refused(file, ['--no-triggers'])).toEqual(expected)
  })

  it('of another schema, column by column', async () => {
    const other = {
      table: 'public.projects',
      columns: [column('id', 'bigint'), column('name', 'text'), column('old', 'text')],
    }
    const file = await archive([[other, ['{"id":1,"name":"a","old":"b"}']]])
    expect(await refused(file)).toEqual({
      exit: 1,
      code: 'schema-drift',
      message:
        'The archive was made with another schema:\npublic.projects.id is integer here and bigint in the archive\npublic.projects.old (text) is not in this database\npublic.projects.score (integer) is not in the archive',
      hint: 'Migrate both databases to the same state, or take what fits with --allow schema-drift.',
    })
    const target = await clone(shop)
    await imported(file, target.url, ['--allow', 'schema-drift'])
    expect(await target.sql`SELECT * FROM projects WHERE id = 1`).toEqual([{ id: 1, name: 'a', score: null }])
  })

  it('of rows that never had to meet what rows have to meet here', async () => {
    const constraints = ['PRIMARY KEY (id)', 'NOT NULL id']
    const file = await archive([[{ ...projects, constraints }, ['{"id":1,"name":"a","score":1}']]])
    expect(await refused(file)).toEqual({
      exit: 1,
      code: 'schema-drift',
      message:
        'The archive was made with another schema:\npublic.projects has NOT NULL name here and had not where the archive was made',
      hint: 'Migrate both databases to the same state, or take what fits with --allow schema-drift.',
    })
    const target = await clone(shop)
    await target.sql`ALTER TABLE projects ADD CHECK (score > 1) NOT VALID`
    const { message } = await refused(file, ['--allow', 'schema-drift'], target)
    expect(message).toContain('violates check constraint "projects_score_check"')
    await target.sql`ALTER TABLE projects DROP CONSTRAINT projects_score_check`
    const { tables } = await imported(file, target.url, ['--allow', 'schema-drift'])
    expect(tables.map(({ inserted }) => inserted)).toEqual([1])
  })

  it('of rows without what every row must have here, whatever is allowed', async () => {
    const file = await archive([
      [
        { ...projects, columns: projects.columns.filter(({ name }) => name !== 'name') },
        ['{"id":1,"score":1}'],
      ],
    ])
    expect(await refused(file, ['--allow', 'schema-drift'])).toEqual({
      exit: 1,
      code: 'schema-drift',
      message:
        'public.projects.name (text) is NOT NULL without a default, and not in the archive: no row fits.',
      hint: 'Give it a default for the time of the import, or migrate both databases to the same state.',
    })
  })

  it('of a NULL in what is NOT NULL here', async () => {
    const file = await archive([
      [projects, ['{"id":1,"name":"a","score":1}', '{"id":2,"name":null,"score":1}']],
    ])
    expect(await refused(file)).toEqual({
      exit: 1,
      code: 'schema-drift',
      message:
        'public.projects.name (text) is NOT NULL here, and 1 rows of the archive have none, id=2 (line 4) the first.',
      hint: 'Give them one: --set projects.name=<value>.',
    })
  })

  it.each([
    [
      'a value of another type',
      '{"id":"x","name":"a","score":1}',
      'FILE holds a value that public.projects.id does not take (line 4).',
      '22P02',
    ],
    [
      'a number that is too large',
      '{"id":2,"name":"a","score":3000000000}',
      'FILE holds a value that public.projects.score does not take (line 4).',
      '22003',
    ],
    [
      'a row that is not JSON',
      '{"id":2,"name":}',
      'FILE holds a row that the server cannot read (line 4).',
      '22P02',
    ],
    [
      'a character that no text holds',
      '{"id":2,"name":"\\u0000","score":1}',
      'FILE holds a row that the server cannot read (line 4).',
      '22P05',
    ],
  ])('of %s', async (_, row, message) => {
    const file = await archive([
      [projects, ['{"id":1,"name":"a","score":1}', row, '{"id":3,"name":"a","score":1}']],
    ])
    expect(await refused(file)).toEqual({
      exit: 2,
      code: 'value-rejected',
      message,
      hint: 'See the line with sed -n 4p, unpacked. An archive that drizzle-ops has written for this schema holds no such value.',
    })
  })

  it('of two lines that together look like one row', async () => {
    const file = await archive([
      [projects, ['{"id":1,"name":"}', '{","score":1}', '{"id":3,"name":"a","score":1}']],
    ])
    expect((await refused(file)).message).toBe('FILE holds a row that the server cannot read (line 3).')
  })

  it('of a character that the encoding of the database has not', async () => {
    const { sql, url } = await clone(shop)
    const name = `latin_${new URL(url).pathname.slice(1)}`
    await sql`CREATE DATABASE ${sql(name)} TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'`
    const there = new URL(url)
    there.pathname = name
    const target = connect(there.href, 1)
    try {
      await target`CREATE TABLE projects (id int PRIMARY KEY, name text NOT NULL, score int)`
      const rows = ['é', '€'].map((text, id) => `{"id":${id},"name":"${text}","score":1}`)
      const file = await archive([[projects, rows]])
      expect(await refusal(file, there.href)).toMatchObject({
        exit: 2,
        code: 'value-rejected',
        message: `${file} holds a row that the server cannot read (line 4).`,
      })
      expect(await target`SELECT FROM projects`).toHaveLength(0)
      const readable = await archive([[projects, rows.slice(0, 1)]])
      await imported(readable, there.href)
      expect(await target`SELECT name FROM projects`).toEqual([{ name: 'é' }])
    } finally {
      await target.end()
      await sql`DROP DATABASE ${sql(name)}`
    }
  })

  it('of JSON that is none', async () => {
    const target = await clone(shop)
    await target.sql`CREATE TABLE notes (id int PRIMARY KEY, project int REFERENCES projects, body jsonb)`
    const columns = [column('id', 'integer'), column('project', 'integer'), column('body', 'jsonb')]
    const file = await archive([
      [projects, ['{"id":1,"name":"a","score":1}']],
      [
        { table: 'public.notes', columns },
        ['{"id":1,"project":1,"body":{}}', '{"id":2,"project":1,"body":[}}'],
      ],
    ])
    expect((await refused(file, [], target)).message).toBe(
      'FILE holds a row that the server cannot read (line 6).',
    )
  })

  it('of control characters that would make other rows', async () => {
    const file = await archive([
      [projects, ['{"id":1,"name":"\x01","score":1}', '{"id":2,"name":"\x01","score":1}']],
    ])
    expect((await refused(file)).exit).toBe(2)
  })

  it('of rows twice', async () => {
    const file = await archive([
      [projects, ['{"id":1,"name":"a","score":1}', '{"id":1,"name":"b","score":1}']],
    ])
    expect(await refused(file)).toEqual({
      exit: 1,
      code: 'conflict',
      message:
        'The archive holds a row twice, or another session has just brought it in: duplicate key value violates unique constraint "projects_pkey".',
      hint: 'Run the import again; if it says the same, the archive was not made of a database with this constraint.',
    })
  })

  it('to a role that may not write, or may not keep triggers from firing', async () => {
    const target = await clone(shop)
    const role = await freshRole()
    await target.sql.unsafe(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role.name}`)
    const url = target.url.replace('postgres@', `${role.name}@`)
    const file = await archive(good)
    expect(await refused(file, [], { ...target, url })).toEqual({
      exit: 1,
      code: 'permission-denied',
      message: 'The database refuses: permission denied for table projects.',
      hint: `As its owner: GRANT INSERT ON "public"."projects" TO "${role.name}".`,
    })
    await target.sql.unsafe(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role.name}`)
    expect(await refused(file, ['--no-triggers'], { ...target, url })).toEqual({
      exit: 1,
      code: 'permission-denied',
      message: `${role.name} may not keep triggers from firing.`,
      hint: `As a superuser: GRANT SET ON PARAMETER session_replication_role TO "${role.name}", or leave --no-triggers out.`,
    })
  })

  it('of a file that is not there', async () => {
    const { hint, code, exit } = await refused('/nowhere/a.ndjson')
    expect({ hint, code, exit }).toEqual({
      hint: 'Name a file that drizzle-ops export has written, or - for standard input.',
      code: 'archive-unreadable',
      exit: 2,
    })
  })
})

it('brings in what is whole', async () => {
  const target = await clone(shop)
  const { tables } = await imported(await archive(good), target.url)
  expect(tables.map(({ inserted }) => inserted)).toEqual([2, 1])
  expect(await exported(['projects'], target.url)).toBeTruthy()
})
