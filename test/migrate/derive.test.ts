import { readFileSync } from 'node:fs'
import type { Sql } from 'postgres'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Kit, withKit } from '../../src/kit/kit.ts'
import { type Derivation, deriveOne, WAY_BACK } from '../../src/migrations/derive.ts'
import { type Migration, readMigrations } from '../../src/migrations/folder.ts'
import { contextWith, projectWith } from '../support/context.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import type { Generation } from '../support/drizzle.ts'
import { generatedProjects, type Step } from '../support/generated.ts'
import type { TestProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { type Change, changes, refusedChanges } from './schema-changes.ts'

/** Two migrations, and the way back from the second. */
interface Case {
  readonly first: Migration
  readonly second: Migration
  readonly derivation: Derivation
}

const BREAKPOINT = '--> statement-breakpoint'

const generations: readonly Generation[] = ['0.x', '1.0']
const everything: Readonly<Record<string, Change>> = { ...changes, ...refusedChanges }

describe.each(generations)('the way back that drizzle-kit %s derives', generation => {
  const possible = (name: string) => [undefined, generation].includes(everything[name]?.only)
  const names = Object.keys(everything).filter(possible)
  // 1.0 answers as 0.31 does in most: half of the changes tell where it does not
  const restored = Object.keys(changes)
    .filter(possible)
    .filter((_, index) => generation === '0.x' || index % 2 === 0)
  const cases = new Map<string, Case>()

  beforeAll(async () => {
    const projects = await generatedProjects(
      generation,
      names.map(name => stepsOf(everything[name] as Change)),
    )
    const derived = await deriveAll(projects)
    for (const [index, name] of names.entries()) cases.set(name, derived[index] as Case)
  })

  describe.each(majors())('on PostgreSQL %i', major => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await freshDatabase(major)
    })

    const here = restored.filter(name => (everything[name]?.since ?? 0) <= major)
    it.each(here)('restores the catalog from %s', async name => {
      const { first, second, derivation } = cases.get(name) as Case
      const { sql, dump } = database
      await dropEverything(sql)
      await runFile(sql, first)
      await fill(sql)
      const before = await dump()
      await runFile(sql, second)
      const after = await dump()

      if ('refused' in derivation) throw new Error(derivation.refused)
      const { statements } = derivation
      await sql.begin(async transaction => {
        for (const statement of statements) await transaction.unsafe(statement)
      })
      if (changes[name]?.displaces) expect(withoutPlaces(await dump())).toBe(withoutPlaces(before))
      else expect(await dump(), statements.join('\n')).toBe(before)

      await runFile(sql, second)
      expect(await dump()).toBe(after)
    })
  })

  it.each(Object.keys(refusedChanges).filter(possible))('is none from %s', name => {
    expect(cases.get(name)?.derivation).toEqual({ refused: refusedChanges[name]?.why })
  })
})

function stepsOf({ before, after, sql, hints }: Change): Step[] {
  return [
    { name: 'before', schema: before },
    { name: 'after', schema: after, ...(sql && { sql }), ...(hints && { hints }) },
  ]
}

async function deriveAll(projects: readonly TestProject[]): Promise<Case[]> {
  const [{ root } = { root: '' }] = projects
  const folders = projects.map(({ out }) => readMigrations({ ...projectWith({}), out }))
  const layout = folders[0]?.layout ?? 'journal'
  const deriveEach = async (kit: Kit) => {
    const cases: Case[] = []
    for (const folder of folders) {
      const [first, second] = folder.migrations as [Migration, Migration]
      const derivation = await deriveOne(folder, second, kit, async (_, table) => `${table}_pkey`)
      cases.push({ first, second, derivation })
    }
    return cases
  }
  return withKit(contextWith({}), { ...projectWith({}), root }, WAY_BACK, deriveEach, layout)
}

async function runFile(sql: Sql, { file }: Migration): Promise<void> {
  for (const statement of readFileSync(file, 'utf8').split(BREAKPOINT)) await sql.unsafe(statement)
}

/** A database of its own for each of hundreds of tests would take a minute more. */
async function dropEverything(sql: Sql): Promise<void> {
  const schemas = await sql<{ name: string }[]>`
    SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`
  for (const { name } of schemas) await sql`DROP SCHEMA ${sql(name)} CASCADE`
  await sql`CREATE SCHEMA public`
}

/** One row where there are users, in every column that must have a value. */
async function fill(sql: Sql): Promise<void> {
  const columns = await sql<{ name: string; type: string }[]>`
    SELECT column_name AS name, data_type AS type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = 'users' AND is_nullable = 'NO' AND column_default IS NULL
      AND is_identity = 'NO'`
  if (columns.length === 0) return
  await sql.unsafe(
    `INSERT INTO users (${columns.map(({ name }) => name)}) VALUES (${columns.map(() => '5')})`,
  )
}

function withoutPlaces(dump: string): string {
  return dump
    .replace(/^(column \S+) \d{4}/gm, '$1')
    .split('\n')
    .sort()
    .join('\n')
}
