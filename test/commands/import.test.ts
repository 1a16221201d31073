import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fill } from '../load/fill.ts'
import { exported } from '../load/moving.ts'
import { clone, template } from '../support/databases.ts'
import { migratedGuest } from '../support/guests.ts'
import { documentOf, ops } from '../support/program.ts'
import { emptyProject, write } from '../support/project.ts'
import { run } from '../support/spawn.ts'

const shop = template('import_shop', async ({ sql }) => {
  await sql.unsafe(`
    CREATE TABLE projects (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
    CREATE TABLE files (id int PRIMARY KEY, project int NOT NULL REFERENCES projects, path text);
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.path := lower(NEW.path); RETURN NEW; END $$;
    CREATE TRIGGER touch BEFORE INSERT ON files FOR EACH ROW EXECUTE FUNCTION touch();`)
})
const rows = `
  INSERT INTO projects (name) VALUES ('one'), ('two');
  ALTER TABLE files DISABLE TRIGGER touch;
  INSERT INTO files VALUES (1, 1, 'A'), (2, 1, 'b');
  ALTER TABLE files ENABLE TRIGGER touch;`

async function databases() {
  const [source, target] = [await clone(shop), await clone(shop)]
  await source.sql.unsafe(rows)
  return { source, target, file: await exported(['projects', '1'], source.url) }
}

it('brings an archive in and says what became of it', async () => {
  const { target, file } = await databases()
  expect(await ops(['import', file, '--url', target.url, '--yes', '--on', target.name])).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'table            read  inserted  updated  skipped',
      'public.projects  1     1         0        0',
      'public.files     2     2         0        0',
      'Triggers that fire on these tables: touch on public.files.',
      'public.projects_id_seq goes on after 1.',
      'Inserted 3 rows and updated 0; they were counted.',
      '',
    ].join('\n'),
  })
  expect(await target.sql`SELECT path FROM files ORDER BY id`).toEqual([{ path: 'a' }, { path: 'b' }])
})

it('keeps triggers from firing, and compares every value then', async () => {
  const { target, file } = await databases()
  const result = documentOf(
    await ops(['import', file, '--url', target.url, '--yes', '--no-triggers', '--json']),
  )
  expect(result).toEqual({
    schemaVersion: 1,
    database: expect.objectContaining({ name: target.name }),
    dryRun: false,
    root: { table: 'public.projects', key: '1' },
    tables: [
      { table: 'public.projects', read: 1, inserted: 1, updated: 0, skipped: 0 },
      { table: 'public.files', read: 2, inserted: 2, updated: 0, skipped: 0 },
    ],
    sequences: [{ sequence: 'public.projects_id_seq', last: '1' }],
    triggers: [{ table: 'public.files', trigger: 'touch' }],
    verified: 'values',
  })
  expect(await target.sql`SELECT path FROM files ORDER BY id`).toEqual([{ path: 'A' }, { path: 'b' }])
})

it('asks, and takes no silence for an answer', async () => {
  const { target, file } = await databases()
  expect(await ops(['import', file, '--url', target.url])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: This imports public.projects 1 and what hangs from it into ${target.name} on 127.0.0.1. Nobody is at a terminal to agree. [consent-missing]\n  → Add --yes to agree beforehand.\n`,
  })
  expect(await target.sql`SELECT FROM projects`).toHaveLength(0)
})

it('wants a protected database named', async () => {
  const { target, file } = await databases()
  const { root } = emptyProject()
  const config = join(root, 'drizzle.config.ts')
  write(
    config,
    `export const ops = { protected: ['${target.name}'] }\nexport default { dialect: 'postgresql', out: './drizzle' }\n`,
  )
  const args = ['import', file, '--url', target.url, '--config', config, '--yes', '--json']
  const { stdout, code } = await ops(args)
  expect([code, JSON.parse(stdout).error]).toEqual([
    2,
    {
      code: 'protected',
      message: `${target.name} on 127.0.0.1 is protected. This imports public.projects 1 and what hangs from it into ${target.name} on 127.0.0.1.`,
      hint: `Add --on ${target.name} if it is the one you mean.`,
    },
  ])
  expect((await ops([...args, '--on', target.name])).code).toBe(0)
})

it('does all of it and rolls it back in a dry run, without asking', async () => {
  const { target, file } = await databases()
  const { code, stdout } = await ops(['import', file, '--url', target.url, '--dry-run'])
  expect([code, stdout.split('\n').at(-2)]).toEqual([
    0,
    'Nothing was changed: 3 rows would be inserted and 0 updated.',
  ])
  expect(await target.sql`SELECT FROM projects`).toHaveLength(0)
  const [next] = await target.sql`INSERT INTO projects (name) VALUES ('x') RETURNING id`
  expect(next).toEqual({ id: 1 })
})

it('reads standard input, also from export', async () => {
  const { source, target, file } = await databases()
  const stdin = readFileSync(file, 'utf8')
  const { code } = await ops(['import', '-', '--url', target.url, '--yes'], { stdin })
  expect(code).toBe(0)
  const again = await ops(['export', 'projects', '2', '--url', source.url])
  const second = await run(['import', '-', '--url', target.url, '--yes', '--json'], { stdin: again.stdout })
  expect([second.code, second.stderr]).toEqual([0, ''])
  expect(await target.sql`SELECT name FROM projects ORDER BY id`).toEqual([{ name: 'one' }, { name: 'two' }])
})

it('imports projects as project import, and nothing else', async () => {
  const { database, here } = await migratedGuest('platform')
  await fill(database.sql)
  const [project] = await database.sql<{ id: string }[]>`SELECT id FROM projects LIMIT 1`
  const file = await exported(['projects', project?.id ?? ''], database.url, here)
  const target = await migratedGuest('platform')
  const { code, stderr } = await ops(['project', 'import', file, '--yes'], target.here)
  expect([code, stderr]).toEqual([0, ''])
  expect(await target.database.sql`SELECT id FROM projects`).toEqual([{ id: project?.id }])
  const users = await exported(['users'], database.url, here)
  expect(await ops(['project', 'import', users, '--yes'], target.here)).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${users} is an archive of public.users, and projects are in public.projects. [archive-foreign]\n  → Import it with drizzle-ops import ${users}.\n`,
  })
})
