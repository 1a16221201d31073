import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { driftOf, inWords } from '../support/drifting.ts'
import { generatedProjects } from '../support/generated.ts'
import { emptyProject, type TestProject, write } from '../support/project.ts'
import { generations } from '../support/reverting.ts'

const users = (columns = '', extra = '') =>
  `export const users = pgTable('users', { id: integer().primaryKey(), name: text(), age: integer().default(1)${columns} }, t => [${extra}])\n`
const posts = `export const posts = pgTable('posts', { id: integer().primaryKey(), userId: integer().references(() => users.id) }, t => [index('posts_user').on(t.userId)])\n`
const mood = (values: string) => `export const mood = pgEnum('mood', [${values}])\n`
const view = (condition: string) =>
  `export const v = pgView('v', { id: integer() }).as(sql\`select id from users where ${condition}\`)\n`

/** The schema of the newest migration, the schema as it is now, and the differences, most often one. */
const changes: Record<string, { before: string; after: string; told: string[] }> = {
  nothing: { before: users() + posts, after: users() + posts, told: [] },
  table: { before: users(), after: users() + posts, told: ['table public.posts'] },
  'no table': { before: users() + posts, after: users(), told: ['table public.posts'] },
  column: { before: users(), after: users(', mail: text()'), told: ['column public.users.mail'] },
  'no column': { before: users(', mail: text()'), after: users(), told: ['column public.users.mail'] },
  renamed: {
    before: users(', mail: text()'),
    after: users(', email: text()'),
    told: ['column public.users.email', 'column public.users.mail'],
  },
  type: {
    before: users(', n: integer()'),
    after: users(', n: bigint({ mode: "number" })'),
    told: ['column public.users.n type'],
  },
  default: {
    before: users(', n: integer().default(1)'),
    after: users(', n: integer().default(2)'),
    told: ['column public.users.n default'],
  },
  nullable: {
    before: users(', n: integer()'),
    after: users(', n: integer().notNull()'),
    told: ['column public.users.n notNull'],
  },
  two: {
    before: users(', n: integer()'),
    after: users(', n: integer().notNull().default(2)'),
    told: ['column public.users.n default', 'column public.users.n notNull'],
  },
  index: {
    before: users(),
    after: users('', `index('users_name').on(t.name)`),
    told: ['index public.users.users_name'],
  },
  unique: {
    before: users('', `unique('users_uq').on(t.name)`),
    after: users(),
    told: ['constraint public.users.users_uq'],
  },
  check: {
    before: users(),
    after: users('', "check('users_ck', sql`age > 0`)"),
    told: ['constraint public.users.users_ck'],
  },
  value: {
    before: mood("'a'") + users(', m: mood()'),
    after: mood("'a', 'b'") + users(', m: mood()'),
    told: ['enum public.mood values'],
  },
  schema: { before: users(), after: `${users()}export const s = pgSchema('s')\n`, told: ['schema s'] },
  view: {
    before: users() + view('id > 0'),
    after: users() + view('id > 1'),
    told: ['view public.v definition'],
  },
  'no view': { before: users() + view('id > 0'), after: users(), told: ['view public.v'] },
}

const hints = [
  { type: 'rename', kind: 'column', from: ['public', 'users', 'mail'], to: ['public', 'users', 'email'] },
]

describe.each(generations)('with drizzle %s', generation => {
  const projects = new Map<string, TestProject>()

  beforeAll(async () => {
    const list = Object.entries(changes)
    const made = await generatedProjects(
      generation,
      list.map(([name, { before, after }]) => [
        { name: 'before', schema: before },
        // it goes away again: the answer does not matter
        ...(before === after
          ? []
          : [{ name: 'after', schema: after, ...(name === 'renamed' && { sql: [''], hints }) }]),
      ]),
    )
    for (const [index, [name]] of list.entries()) projects.set(name, behind(made[index] as TestProject))
  })

  it.each(Object.entries(changes))('tells of the code: %s', async (name, { told }) => {
    const { root } = projects.get(name) as TestProject
    const { code, document } = await driftOf({ cwd: root }, '--only', 'code')
    expect(document.comparisons).toMatchObject([{ name: 'code', reason: null }])
    expect(document.differences.map(inWords).sort()).toEqual(told)
    expect(document.differences.filter(({ sql }) => sql === null || sql === '')).toEqual([])
    expect(code).toBe(told.length > 0 ? 4 : 0)
  })
})

/** Takes the second migration away, so that the code is ahead of the newest snapshot. */
function behind(project: TestProject): TestProject {
  const { root, out } = project
  const files = readdirSync(root).filter(name => name.startsWith('schema'))
  const config = JSON.parse(readFileSync(join(root, 'drizzle.config.json'), 'utf8'))
  write(join(root, 'drizzle.config.json'), JSON.stringify({ ...config, schema: `./${files.sort().at(-1)}` }))
  if (files.length === 1) return project
  const journal = join(out, 'meta/_journal.json')
  const names = readdirSync(out)
  if (!names.includes('meta')) {
    rmSync(join(out, names.sort().at(-1) ?? ''), { recursive: true })
    return project
  }
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8'))
  write(journal, JSON.stringify({ ...rest, entries: entries.slice(0, 1) }))
  for (const file of ['0001_after.sql', 'meta/0001_snapshot.json']) rmSync(join(out, file))
  return project
}

it('says why it cannot tell', async () => {
  const { root, out } = emptyProject({ schema: './schema.ts' })
  write(join(out, 'meta/_journal.json'), '{"version":"7","dialect":"postgresql","entries":[]}')
  const { code, document } = await driftOf({ cwd: root }, '--only', 'code')
  expect([code, document.status]).toEqual([0, 'unknown'])
  expect(document.comparisons).toEqual([
    {
      name: 'code',
      status: 'unknown',
      reason: `Schema code and snapshots are compared by drizzle-kit, and ${root} has none.`,
      hint: 'Install it there (npm install --save-dev drizzle-kit).',
    },
  ])
})
