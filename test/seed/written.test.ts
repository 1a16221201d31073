import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exported } from '../load/moving.ts'
import { clone, template } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { emptyProject, write } from '../support/project.ts'
import type { PostgresMajor } from '../support/runtimes.ts'
import { majors } from '../support/shared-servers.ts'

const shop = template('seed_written', async ({ sql }) => {
  await sql.unsafe(`
    CREATE TABLE plans (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, price numeric, more json);
    CREATE TABLE projects (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
    CREATE TABLE files (id uuid PRIMARY KEY, project int NOT NULL REFERENCES projects, path text, UNIQUE (project, path));`)
})

const PLANS = `{
  "plans": [
    { "id": 7, "name": "free", "price": 9007199254740993, "more": { "a": [1, "]"] } },
    { "name": "team", "price": 12.50 }
  ]
}
`
const MODULE = `
import { sql } from 'drizzle-orm'
export default async (db, { faker, rng }) => {
  await db.transaction(tx => tx.execute(
    sql\`INSERT INTO plans (name, price) VALUES (\${faker.person.lastName()}, \${Math.floor(rng() * 100)}) ON CONFLICT DO NOTHING\`))
}
`

/** A folder with a file, and a database. */
async function given(name: string, text: string, major?: PostgresMajor) {
  const database = await clone(shop, major)
  const { root } = emptyProject()
  write(join(root, name), text)
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  const seed = (...args: string[]) =>
    ops(['seed', name, '--url', database.url, '--yes', ...args], { cwd: root })
  return { ...database, root, seed }
}

describe('a .json file', () => {
  it.each(majors())('adds what is missing, and a second time nothing, on %s', async major => {
    const { sql, seed } = await given('plans.json', PLANS, major)
    expect(documentOf(await seed('--json'))).toMatchObject({
      dryRun: false,
      file: 'plans.json',
      tables: [{ table: 'public.plans', inserted: 2, updated: 0, deleted: 0 }],
      differing: 0,
    })
    expect(documentOf(await seed('--json'))).toMatchObject({ tables: [], differing: 0 })
    // the file numbers a row 7, and the sequence goes on behind it
    await sql`INSERT INTO plans (name) VALUES ('next')`
    expect(await sql`SELECT id, name, price::text, more FROM plans WHERE id >= 7 ORDER BY id`).toEqual([
      { id: 7, name: 'free', price: '9007199254740993', more: { a: [1, ']'] } },
      { id: 8, name: 'next', price: null, more: null },
    ])
  })

  it('brings rows up to date with --upsert only, and only those that differ', async () => {
    const { sql, seed } = await given('plans.json', PLANS)
    await seed()
    await sql`UPDATE plans SET price = 1 WHERE name = 'team'`
    expect((await seed()).stdout).toBe(
      'Rows that stand already and differ: 1. --upsert brings them up to date.\nplans.json changed nothing.\n',
    )
    expect(documentOf(await seed('--upsert', '--json'))).toMatchObject({
      tables: [{ table: 'public.plans', inserted: 0, updated: 1, deleted: 0 }],
    })
    expect(await sql`SELECT price::text FROM plans WHERE name = 'team'`).toEqual([{ price: '12.50' }])
  })

  it('puts parents first, wherever they stand', async () => {
    const { sql, seed } = await given(
      'files.json',
      `{ "files": [{ "id": "${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}", "project": 3, "path": "a" }],
         "plans": [{ "name": "free" }], "projects": [{ "id": 3, "name": "one" }] }`,
    )
    expect((await seed()).stdout).toContain('files.json changed rows: 3')
    expect(await sql`SELECT project, path FROM files`).toEqual([{ project: 3, path: 'a' }])
  })

  it('tells the line of a row that fails, and keeps none', async () => {
    const { root, sql, seed } = await given('plans.json', PLANS.replace('12.50', '"much"'))
    const { error } = documentOf(await seed('--json')) as { error: { code: string; where: object } }
    expect(error).toMatchObject({ code: 'seed-failed', where: { file: join(root, 'plans.json'), line: 4 } })
    expect(await sql`TABLE plans`).toEqual([])
  })

  it('refuses a row without a key, and a column that is not there', async () => {
    const keyless = await given('plans.json', '{ "plans": [{ "price": 1 }] }')
    expect(await keyless.seed('--json')).toMatchObject({ code: 2 })
    expect(documentOf(await keyless.seed('--json'))).toMatchObject({
      error: { code: 'seed-key', hint: 'Give it id.' },
    })
    const unknown = await given('plans.json', '{ "plans": [{ "name": "x", "prize": 1 }] }')
    expect(documentOf(await unknown.seed('--json'))).toMatchObject({ error: { code: 'seed-column' } })
  })
})

describe('a .sql file', () => {
  const SQL = "-- plans\nINSERT INTO plans (name) VALUES ('free'), ('team') ON CONFLICT DO NOTHING;\n"

  it('runs in one transaction and counts what changed', async () => {
    const { sql, seed } = await given('plans.sql', SQL)
    expect((await seed('--dry-run')).stdout).toMatch(/plans.sql would change rows: 2, in .*\.\n$/)
    expect(await sql`TABLE plans`).toEqual([])
    expect((await seed()).stdout).toMatch(/plans.sql changed rows: 2, in .*\.\n$/)
    expect((await seed()).stdout).toBe('plans.sql changed nothing.\n')
  })

  it('tells the line that fails, and keeps nothing before it', async () => {
    const { root, sql, seed } = await given(
      'plans.sql',
      `${SQL}\nINSERT INTO plans (name,\n  nix) VALUES (1, 2);`,
    )
    expect(documentOf(await seed('--json'))).toMatchObject({
      error: {
        code: 'seed-failed',
        sqlstate: '42703',
        where: { file: join(root, 'plans.sql'), line: 5, column: 3 },
      },
    })
    expect(await sql`TABLE plans`).toEqual([])
  })

  it('refuses transactions of its own', async () => {
    const { seed } = await given('plans.sql', `${SQL}COMMIT;`)
    expect(documentOf(await seed('--json'))).toMatchObject({
      error: { code: 'seed-transaction', where: { line: 3 } },
    })
  })
})

describe('a module', () => {
  it('gets Drizzle in a transaction, faker, and numbers that follow from --seed', async () => {
    const [one, two] = [await given('seed.ts', MODULE), await given('seed.ts', MODULE)]
    await one.seed('--dry-run')
    expect(await one.sql`TABLE plans`).toEqual([])
    await one.seed()
    await two.seed()
    const rows = await one.sql`SELECT name, price FROM plans`
    expect(rows).toHaveLength(1)
    expect(await two.sql`SELECT name, price FROM plans`).toEqual(rows)
    expect((await one.seed()).stdout).toBe('seed.ts changed nothing.\n')
    await two.seed('--seed', 'other')
    expect(await two.sql`SELECT name FROM plans`).toHaveLength(2)
  })

  it('tells the line that throws, and keeps nothing', async () => {
    const { root, sql, seed } = await given(
      'seed.ts',
      "import { sql } from 'drizzle-orm'\nexport default async db => {\n  await db.execute(sql`INSERT INTO plans (name) VALUES ('x')`)\n  throw new Error('no more')\n}\n",
    )
    expect(documentOf(await seed('--json'))).toMatchObject({
      error: {
        code: 'seed-failed',
        message: expect.stringMatching(/line 4: no more\.$/),
        where: { file: join(root, 'seed.ts'), line: 4 },
      },
    })
    expect(await sql`TABLE plans`).toEqual([])
  })
})

it('multiplies an archive, and the same copies only once', async () => {
  const { url, sql, root } = await given('x.sql', '')
  await sql`INSERT INTO projects (name) VALUES ('one')`
  await sql`INSERT INTO files SELECT gen_random_uuid(), 1, 'a' || n FROM generate_series(1, 3) AS n`
  const file = await exported(['projects', '1'], url)
  const copies = () => ops(['seed', file, '--copies', '3', '--url', url, '--yes', '--json'], { cwd: root })
  expect(documentOf(await copies())).toMatchObject({
    copies: 3,
    tables: [
      { table: 'public.projects', rows: 3 },
      { table: 'public.files', rows: 9 },
    ],
  })
  await copies()
  expect(
    await sql`SELECT count(*)::int AS files, count(DISTINCT project)::int AS projects FROM files`,
  ).toEqual([{ files: 12, projects: 4 }])
})

it('writes made-up rows as a script that psql runs', async () => {
  const { url, sql, root } = await given('x.sql', '')
  const args = ['seed', '--url', url, '--yes', '--now', '2026-01-01']
  expect((await ops([...args, '--sql', 'out.sql'], { cwd: root })).code).toBe(0)
  const file = join(root, 'out.sql')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toContain('COPY "public"."files"')
  expect(await sql`TABLE files`).toEqual([])
  execFileSync('psql', ['-qX', '-o', '/dev/null', url, '-f', file])
  const scripted = await sql`TABLE files`
  expect(scripted.length).toBeGreaterThan(0)
  expect((await ops([...args, '--truncate'], { cwd: root })).code).toBe(0)
  expect(await sql`TABLE files`).toEqual(scripted)
})
