import { cpSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { type Generation, kitBinary, orm } from '../support/drizzle.ts'
import { documentOf, ops } from '../support/program.ts'
import type { TestProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { runScript } from '../support/spawn.ts'
import { answered } from '../support/terminal.ts'
import {
  changeSchema,
  type GenerateDocument,
  generate,
  generated,
  picture,
  schemaProject,
} from './project.ts'

// drizzle-kit takes a second to start, and a test starts it several times
vi.setConfig({ testTimeout: 60_000 })

const generations: readonly Generation[] = ['0.x', '1.0']

const people = `export const people = pgTable('people', { id: serial().primaryKey(), name: text(), mail: text() })`
const changed = `export const people = pgTable('people', { id: serial().primaryKey(), fullName: text('full_name'), mail: text() })`

/** One of each kind that drizzle-kit asks about. */
const before = `
export const auth = pgSchema('auth')
export const mood = pgEnum('mood', ['glad', 'sad'])
export const ticket = pgSequence('ticket')
export const users = pgTable('users', { id: serial().primaryKey(), name: text(), mood: mood() })
export const tokens = auth.table('tokens', { id: serial().primaryKey() })
export const named = pgView('named', { id: integer() }).as(sql\`select 1 as id\`)
`
const after = `
export const access = pgSchema('access')
export const feeling = pgEnum('feeling', ['glad', 'sad'])
export const stub = pgSequence('stub')
export const persons = pgTable('persons', { id: serial().primaryKey(), fullName: text('full_name'), mood: feeling() })
export const tokens = access.table('tokens', { id: serial().primaryKey() })
export const called = pgView('called', { id: integer() }).as(sql\`select 1 as id\`)
`

/** A column by the name that its table has now. */
const renames = [
  'auth:access',
  'mood:feeling',
  'ticket:stub',
  'users:persons',
  'persons.name:full_name',
  'named:called',
]

describe.each(generations)('generate with drizzle-kit %s', generation => {
  it('says what it would have to ask, and writes nothing', async () => {
    const project = await started(generation, people)
    changeSchema(project, changed)
    const untouched = picture(project)
    const { status, files, name, sql, questions } = await generated(project, [], 1)
    expect({ status, files, name, sql, questions }).toEqual({
      status: 'needs_decision',
      name: null,
      files: [],
      sql: null,
      questions: [
        {
          kind: 'column',
          name: 'people.full_name',
          candidates: ['people.name'],
          answers: ['--rename people.name:full_name', '--create people.full_name'],
        },
      ],
    })
    expect(picture(project)).toEqual(untouched)

    const told = await ops(['generate'], { cwd: project.root })
    expect(told.stdout).toBe(`\
kind    new, or renamed   answer with
column  people.full_name  --rename people.name:full_name
column  people.full_name  --create people.full_name
Nothing was written: say which are renames.
`)
    expect(told.code).toBe(1)
  })

  it('takes the answers as flags', async () => {
    const project = await started(generation, people)
    changeSchema(project, changed)
    const renamed = await generated(project, ['--rename', 'people.name:full_name', '--name', 'full_name'])
    expect(renamed).toMatchObject({
      status: 'ok',
      name: expect.stringMatching(/^\d+_full_name$/),
      sql: 'ALTER TABLE "people" RENAME COLUMN "name" TO "full_name";',
      questions: [],
      findings: [{ rule: 'rename-column', level: 'warning', file: renamed.files[0], line: 1 }],
    })
    changeSchema(project, changed.replaceAll('mail', 'email'))
    const { sql } = await generated(project, ['--create', 'people.email'])
    expect(sql).toContain('ADD COLUMN "email" text')
    expect(sql).toContain('DROP COLUMN "mail"')
    expect(await generated(project)).toMatchObject({ status: 'no_changes', files: [] })
  })

  it('asks at a terminal', async () => {
    const project = await started(generation, people)
    changeSchema(project, changed)
    const untouched = picture(project)
    const neither = await answered(['generate'], project.root, '2')
    expect(neither.stderr).toContain(
      'Answer with one of the numbers, or beforehand with --rename or --create.',
    )
    expect(neither.code).toBe(2)
    expect(picture(project)).toEqual(untouched)

    const { stdout, stderr, code } = await answered(['generate', '--json'], project.root, '1')
    expect(stderr).toContain(`\
Is the column people.full_name new, or was it renamed?
  0  new
  1  renamed from people.name
[0-1] `)
    expect(code).toBe(0)
    expect(documentOf({ stdout })).toMatchObject({
      sql: 'ALTER TABLE "people" RENAME COLUMN "name" TO "full_name";',
    })
  })

  it('loses nothing that changes together with a name', async () => {
    const project = await started(generation, people)
    changeSchema(project, changed.replace(`text('full_name')`, `text('full_name').notNull()`))
    const outcome = await generate(project, '--rename', 'people.name:full_name')
    if (generation === '1.0') {
      expect(documentOf<GenerateDocument>(outcome).sql).toContain(
        'ALTER TABLE "people" ALTER COLUMN "full_name" SET NOT NULL;',
      )
      return
    }
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      error: {
        code: 'rename-only',
        message:
          'drizzle-kit 0.31.11 would write the rename of people.name and forget what else changes of it (notNull).',
        hint: 'Make two migrations: rename the column alone first, then change it.',
      },
    })
    expect(outcome.code).toBe(1)
  })

  it('refuses two answers to one question', async () => {
    const project = await started(generation, people)
    changeSchema(project, changed.replaceAll('mail', 'email'))
    const { stdout, code } = await generate(
      project,
      ...['--rename', 'people.name:full_name', '--rename', 'people.name:email'],
    )
    expect(documentOf({ stdout })).toMatchObject({
      error: {
        code: 'rename-invalid',
        message: '--rename names people.name twice, and only one of them can be a rename.',
      },
    })
    expect(code).toBe(2)
  })

  it('refuses an answer to what is not asked', async () => {
    const project = await started(generation, people)
    for (const schema of [people, changed]) {
      changeSchema(project, schema)
      const untouched = picture(project)
      const flags = ['--create', 'people.full_name', '--rename', 'people.nmae:full_name']
      const { stdout, code } = await generate(project, ...flags)
      expect(documentOf({ stdout })).toMatchObject({ error: { code: 'rename-unused' } })
      expect(code).toBe(2)
      expect(picture(project)).toEqual(untouched)
    }
  })

  it.each(majors())('renames what can be renamed, keeping the rows, on PostgreSQL %i', async major => {
    const database = await freshDatabase(major)
    const { sql } = database
    const project = await started(generation, before)
    expect(await orm(generation, project, database)).toMatchObject({ code: 0 })
    await sql`INSERT INTO users (name, mood) VALUES ('Ann', 'glad')`
    await sql`INSERT INTO auth.tokens DEFAULT VALUES`
    changeSchema(project, after)

    const { questions } = await generated(project, [], 1)
    expect(questions).toMatchObject([{ kind: 'schema', name: 'access', candidates: ['auth'] }])
    const flags = renames.flatMap(rename => ['--rename', rename])
    const { sql: written } = await generated(project, flags)
    expect(written).not.toContain('DROP')
    const { stderr, code } = await orm(generation, project, database)
    expect(code, stderr).toBe(0)
    expect(await sql`SELECT full_name, mood::text FROM persons`).toEqual([{ full_name: 'Ann', mood: 'glad' }])
    expect(await sql`SELECT id FROM access.tokens`).toHaveLength(1)
    expect(await stockGenerate(generation, project)).toContain('No schema changes')
  })
})

it('does not guess which of two tables of one name drizzle-kit 0.31 asks about', async () => {
  const both = (column: string) => `export const auth = pgSchema('auth')
    export const people = pgTable('people', { ${column}: text() })
    export const others = auth.table('people', { ${column}: text() })`
  const project = await started('0.x', both('name'))
  changeSchema(project, both('title'))
  const { stdout, code } = await generate(project, '--rename', 'people.name:title')
  expect(documentOf({ stdout })).toMatchObject({
    error: {
      code: 'rename-ambiguous',
      message:
        'drizzle-kit 0.31 asks about people.title in several schemas and does not say in which, so no answer would be safe.',
    },
  })
  expect(code).toBe(1)
})

it('takes what two branches have made for what is there, with drizzle-kit 1.0', async () => {
  const project = await started('1.0', people)
  const theirs = await schemaProject('1.0', `${people}; ${notes('title')}`)
  cpSync(project.out, theirs.out, { recursive: true })
  await generated(theirs, ['--name', 'notes'])
  changeSchema(project, `${people}; ${tags('label')}`)
  await generated(project, ['--name', 'tags'])
  cpSync(theirs.out, project.out, { recursive: true })
  changeSchema(project, `${people}; ${notes('heading')}; ${tags('word')}`)
  const { questions } = await generated(project, [], 1)
  expect(questions).toMatchObject([
    { name: 'notes.heading', candidates: ['notes.title'] },
    { name: 'tags.word', candidates: ['tags.label'] },
  ])
  const flags = ['--rename', 'notes.title:heading', '--rename', 'tags.label:word']
  expect((await generated(project, flags)).sql).toBe(
    'ALTER TABLE "notes" RENAME COLUMN "title" TO "heading";--> statement-breakpoint\n' +
      'ALTER TABLE "tags" RENAME COLUMN "label" TO "word";',
  )
})

const notes = (column: string) => `export const notes = pgTable('notes', { ${column}: text() })`
const tags = (column: string) => `export const tags = pgTable('tags', { ${column}: text() })`

/** A project with a first migration. */
async function started(generation: Generation, schema: string): Promise<TestProject> {
  const project = await schemaProject(generation, schema)
  await generated(project, ['--name', 'init'])
  return project
}

async function stockGenerate(generation: Generation, { root }: TestProject): Promise<string> {
  const { stdout } = await runScript(await kitBinary(generation), ['generate'], { cwd: root })
  return stdout
}
