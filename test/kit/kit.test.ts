import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Kit, withKit } from '../../src/kit/kit.ts'
import { parseRename } from '../../src/kit/rename.ts'
import { emptyState } from '../../src/kit/states.ts'
import { entitiesOf } from '../../src/migrations/derive-entities.ts'
import { contextWith, projectWith } from '../support/context.ts'
import type { Generation } from '../support/drizzle.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { thrown } from '../support/thrown.ts'

const repository = join(import.meta.dirname, '../..')
const NEED = { what: 'The test needs drizzle-kit', failed: 'could not do it' }
const IMPORTS = `import { integer, pgEnum, pgPolicy, pgSchema, pgTable, text } from 'drizzle-orm/pg-core'\n`

/** Runs `work` with the drizzle-kit of a project that holds these files. */
async function inProject<T>(
  generation: Generation,
  files: Record<string, string>,
  work: (kit: Kit) => Promise<T>,
  config: object = { schema: './schema.ts' },
): Promise<T> {
  const root = emptyFolder()
  const packages = generation === '0.x' ? repository : await ensureRuntime('drizzle-1.0')
  symlinkSync(join(packages, 'node_modules'), join(root, 'node_modules'))
  write(join(root, 'package.json'), '{}')
  for (const [name, text] of Object.entries(files)) write(join(root, name), text)
  const context = contextWith({ cwd: root, env: process.env })
  return withKit(
    context,
    { ...projectWith({ config: { dialect: 'postgresql', ...config } }), root },
    NEED,
    work,
  )
}

describe.each(['0.x', '1.0'] as const)('the drizzle-kit %s of a project', generation => {
  it('reads the schema from folders, globs and paths, each thing once', async () => {
    const files = {
      'schema/users.ts': `${IMPORTS}export const status = pgEnum('status', ['a']); export const users = pgTable('users', { id: integer() })`,
      'schema/posts.ts': `${IMPORTS}import { users } from './users'; ${generation === '0.x' ? 'export { users };' : ''} export const status = pgTable('posts', { id: integer().references(() => users.id) })`,
      'other/tables.mts': `${IMPORTS}export const users = pgSchema('auth').table('users', { id: integer() })`,
      'schema/notes.md': '# not a schema',
    }
    const names = await inProject(
      generation,
      files,
      async kit =>
        entitiesOf(await kit.code())
          .filter(({ kind }) => kind === 'tables' || kind === 'enums')
          .map(({ kind, schema, name }) => `${kind} ${schema}.${name}`)
          .sort(),
      { schema: ['./schema', './other/**/*.mts'] },
    )
    expect(names).toEqual([
      'enums public.status',
      'tables auth.users',
      'tables public.posts',
      'tables public.users',
    ])
  })

  it('tells what keeps the schema from loading', async () => {
    const files = { 'schema.ts': `import { gone } from './gone'\nexport default gone` }
    const error = await thrown(() => inProject(generation, files, kit => kit.code()))
    expect(error).toMatchObject({ code: 'schema', exit: 2, message: expect.stringContaining('./gone') })
  })

  it('tells what is wrong with a schema', async () => {
    const files = {
      'schema.ts': `${IMPORTS}export const a = pgTable('same', { b: text() }); export const b = pgTable('same', { b: text() })`,
    }
    const outcome = inProject(generation, files, kit => kit.code())
    if (generation === '0.x') return expect(await outcome).toMatchObject({ version: '7' })
    expect(await thrown(() => outcome)).toMatchObject({
      code: 'schema',
      exit: 2,
      message: `drizzle-kit 1.0.0-rc.5 could not load the schema: There's a duplicate table name "same" in "public" schema`,
      hint: `There's a duplicate column name 'b' in "public"."same" table`,
    })
  })

  it('says which files it looked for in vain', async () => {
    expect(await thrown(() => inProject(generation, {}, kit => kit.code()))).toMatchObject({
      code: 'schema-missing',
      message: 'No file matches the schema of /app/drizzle.config.ts (./schema.ts).',
    })
  })

  it('is not disturbed by what a schema prints', async () => {
    const files = {
      'schema.ts': `${IMPORTS}console.log('Is a b created'); export const a = pgTable('a', { b: text() })`,
    }
    const statements = await inProject(generation, files, async kit => {
      return (await kit.difference(emptyState(kit.layout), await kit.code())).statements
    })
    expect(statements.map(each => each.replaceAll(/\s+/g, ' ').trim())).toEqual([
      'CREATE TABLE "a" ( "b" text );',
    ])
  })

  const before = `${IMPORTS}
    export const users = pgTable('users', { id: integer(), name: text(), mail: text() })
    export const gone = pgTable('gone', { id: integer() })
    export const old = pgEnum('old', ['a'])`
  const after = `${IMPORTS}
    export const users = pgTable('users', { id: integer(), full_name: text(), email: text(), plan: text() })
    export const fresh = pgTable('fresh', { id: integer() })
    export const current = pgEnum('current', ['a'])`

  async function difference(renames: string[], created: string[]) {
    return inProject(generation, { 'before.ts': before, 'after.ts': after }, async kit => {
      const states = await Promise.all([stateOf(generation, before), stateOf(generation, after)])
      return kit.difference(states[0], states[1], { renames: renames.map(parseRename), created })
    })
  }

  it('asks about what may be a rename', async () => {
    const { questions } = await difference([], [])
    const first = questions.filter(({ kind }) => kind !== 'column')
    expect(first).toEqual(expect.arrayContaining([{ kind: 'table', name: 'fresh', candidates: ['gone'] }]))
    const answered = await difference(['gone:fresh', 'old:current'], [])
    expect(answered.questions).toEqual([
      { kind: 'column', name: 'users.full_name', candidates: ['users.name', 'users.mail'] },
      { kind: 'column', name: 'users.email', candidates: ['users.name', 'users.mail'] },
      { kind: 'column', name: 'users.plan', candidates: ['users.name', 'users.mail'] },
    ])
  })

  it('takes answers', async () => {
    const { statements, questions } = await difference(
      ['public.users.mail:email', 'users.name:users.full_name', 'old:current'],
      ['fresh', 'public.users.plan'],
    )
    expect(questions).toEqual([])
    expect(
      statements.map(each => each.replaceAll(/\s+/g, ' ').replace(' CASCADE', '').trim()).sort(),
    ).toEqual([
      'ALTER TABLE "users" ADD COLUMN "plan" text;',
      'ALTER TABLE "users" RENAME COLUMN "mail" TO "email";',
      'ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";',
      `ALTER TYPE ${generation === '0.x' ? '"public".' : ''}"old" RENAME TO "current";`,
      'CREATE TABLE "fresh" ( "id" integer );',
      'DROP TABLE "gone";',
    ])
  })
})

it.each(['users', 'a:', ':b', 'a:b:c'])('refuses --rename %s', text => {
  expect(() => parseRename(text)).toThrow(`--rename takes old:new, and "${text}" is not.`)
})

async function stateOf(generation: Generation, schema: string) {
  return inProject(generation, { 'schema.ts': schema }, kit => kit.code())
}
