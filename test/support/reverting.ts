import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { afterTest } from './cleanup.ts'
import { freshDatabase, type TestDatabase } from './databases.ts'
import type { Generation } from './drizzle.ts'
import { generatedProjects, migrationNames, type Step } from './generated.ts'
import { migrated } from './migrate.ts'
import { documentOf, ops } from './program.ts'
import { type TestProject, write } from './project.ts'
import type { PostgresMajor } from './runtimes.ts'
import { newestMajor } from './shared-servers.ts'

export const generations: readonly Generation[] = ['0.x', '1.0']

const users = (columns = '') =>
  `export const users = pgTable('users', { id: integer().primaryKey(), name: text()${columns} })\n`
const posts = (extra = '', body = 'text()') =>
  `export const posts = pgTable('posts', { id: integer().primaryKey(), body: ${body}, userId: integer() }, t => [${extra}])\n`
const mood = (...values: string[]) => `export const mood = pgEnum('mood', ${JSON.stringify(values)})\n`
const inSchema = `export const s = pgSchema('s')\nexport const t = s.table('t', { id: integer() })\n`

/** One migration for each kind of thing that comes and goes. */
const kinds: readonly Step[] = [
  { name: 'users', schema: users() },
  { name: 'table', schema: users() + posts() },
  { name: 'column', schema: users(', age: integer()') + posts() },
  {
    name: 'foreign_key',
    schema:
      users() + posts(`foreignKey({ columns: [t.userId], foreignColumns: [users.id], name: 'posts_fk' })`),
  },
  { name: 'index', schema: users() + posts(`index('posts_body').on(t.body)`) },
  { name: 'unique', schema: users() + posts(`unique('posts_uq').on(t.body, t.id)`) },
  { name: 'check', schema: users() + posts(`check('posts_ck', sql\`\${t.id} > 0\`)`) },
  { name: 'enum', schema: mood('a', 'b') + users(', mood: mood()') + posts() },
  { name: 'value', schema: mood('a', 'b', 'c') + users(', mood: mood()') + posts() },
  {
    name: 'default',
    schema: mood('a', 'b', 'c') + users(', mood: mood()') + posts('', `text().default('x')`),
  },
  {
    name: 'view',
    schema: `${users()}${posts()}export const v = pgView('v').as(q => q.select().from(users))\n`,
  },
  { name: 'sequence', schema: `${users()}${posts()}export const q = pgSequence('q', { startWith: 5 })\n` },
  { name: 'schema', schema: users() + posts() + inSchema },
  {
    name: 'composite_key',
    schema: `${users()}${posts()}${inSchema}export const m = pgTable('m', { a: integer(), b: integer() }, t => [primaryKey({ columns: [t.a, t.b] })])\n`,
  },
]

const renames = { name: 'renamed', schema: users().replace('name: text()', 'label: text()') }
const projects: Record<string, readonly Step[]> = {
  kinds,
  three: [
    { name: 'users', schema: users() },
    { name: 'posts', schema: users() + posts() },
    { name: 'age', schema: users(', age: integer()') + posts() },
  ],
  dropped: [
    { name: 'users', schema: users(', age: integer(), mail: text()') },
    { name: 'without_age', schema: users(', mail: text()') },
  ],
  narrowed: [
    { name: 'users', schema: users(', n: integer()') },
    { name: 'wider', schema: users(', n: bigint({ mode: "number" })') },
  ],
  valued: [
    { name: 'users', schema: mood('a', 'b') + users(', mood: mood(), n: integer().notNull()') },
    { name: 'value', schema: mood('a', 'b', 'c') + users(', mood: mood(), n: integer()') },
  ],
  uncastable: [
    { name: 'users', schema: users(', n: jsonb()') },
    {
      name: 'number',
      schema: users(', n: integer()'),
      sql: ['ALTER TABLE "users" ALTER COLUMN "n" SET DATA TYPE integer USING "n"::text::integer;'],
    },
  ],
  renamed: [
    { name: 'users', schema: users() },
    {
      ...renames,
      sql: ['ALTER TABLE "users" RENAME COLUMN "name" TO "label";'],
      hints: [
        {
          type: 'rename',
          kind: 'column',
          from: ['public', 'users', 'name'],
          to: ['public', 'users', 'label'],
        },
      ],
    },
  ],
  custom: [
    { name: 'users', schema: users() },
    { name: 'backfill', schema: users(), custom: true, sql: ["INSERT INTO users VALUES (1, 'x');"] },
    { name: 'posts', schema: users() + posts() },
  ],
  moving: [
    { name: 'users', schema: users() },
    { name: 'age', schema: users(', age: integer()') },
    {
      name: 'years',
      schema: users(', years: integer()'),
      sql: ['ALTER TABLE "users" RENAME COLUMN "age" TO "years";'],
      hints: [
        {
          type: 'rename',
          kind: 'column',
          from: ['public', 'users', 'age'],
          to: ['public', 'users', 'years'],
        },
      ],
    },
  ],
  branches: [
    { name: 'users', schema: users() },
    { name: 'left', schema: users(', left: integer()') },
    { name: 'right', schema: users(', right: integer()'), beside: true },
  ],
  bare: [
    { name: 'users', schema: users() },
    { name: 'age', schema: users(', age: integer()') },
  ],
  mixed: [
    { name: 'users', schema: users() },
    {
      name: 'age',
      schema: users(', age: integer()'),
      sql: [
        'ALTER TABLE "users" ADD COLUMN "age" integer;',
        '-- those from before\nUPDATE users SET age = 1;',
      ],
    },
  ],
}

const made = new Map<string, TestProject>()

/** Makes the projects for the tests of the file. */
export async function makeProjects(): Promise<void> {
  for (const generation of generations) {
    const known = Object.entries(projects).filter(([name]) => generation === '1.0' || name !== 'branches')
    const list = await generatedProjects(
      generation,
      known.map(([, steps]) => steps),
    )
    for (const [index, [name]] of known.entries())
      made.set(`${generation} ${name}`, list[index] as TestProject)
  }
}

interface Wanted {
  readonly major?: PostgresMajor
  /** The first so many only. */
  readonly count?: number
}

/** A new database with a project's migrations. */
export async function applied(
  generation: Generation,
  which: string,
  { major = newestMajor(), count }: Wanted = {},
) {
  const database = await freshDatabase(major)
  const project = made.get(`${generation} ${which}`) as TestProject
  const names = migrationNames(project)
  await migrated(project, database, count === undefined ? [] : ['--to', names[count - 1] ?? ''])
  return { database, project, names }
}

export function withDownFile(project: TestProject, name: string, sql: string): string {
  const file = downFile(project, name)
  write(file, sql)
  afterTest(async () => rmSync(file))
  return file
}

export function snapshotOf({ out }: TestProject, name: string): string {
  return existsSync(join(out, name))
    ? join(out, name, 'snapshot.json')
    : join(out, `meta/${name.slice(0, 4)}_snapshot.json`)
}

export function downFile({ out }: TestProject, name: string): string {
  return existsSync(join(out, name)) ? join(out, name, 'down.sql') : join(out, `${name}.down.sql`)
}

export function rollback({ root }: TestProject, { url }: TestDatabase, ...flags: string[]) {
  return ops(['rollback', '--json', '--url', url, ...flags], { cwd: root })
}

interface Document {
  readonly dryRun: boolean
  readonly reverted: readonly {
    readonly name: string
    readonly source: string
    readonly sql: readonly string[]
  }[]
}

/** The same where nothing but success is expected. */
export async function rolledBack(
  project: TestProject,
  database: TestDatabase,
  ...flags: string[]
): Promise<Document> {
  const outcome = await rollback(project, database, '--yes', ...flags)
  expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0)
  return documentOf(outcome)
}

export function identity({ name, url }: TestDatabase): object {
  const { hostname, port, username } = new URL(url)
  return { name, host: hostname, port: Number(port), user: username, source: '--url' }
}
