import { OpsError } from '../errors.ts'
import type { Graph, Table } from '../graph/graph.ts'
import { isBookkeeping } from '../migrations/bookkeeping.ts'
import type { Project } from '../project/project.ts'
import { matcherOf } from '../stats/globs.ts'
import { suggestion } from '../suggestion.ts'
import type { Counts } from './counts.ts'
import type { SeedModel, SeedTable } from './model.ts'

/** The tables that are meant: all but those of drizzle and of this program. Throws OpsError `seed-table`, exit 2. */
export function chosenTables(
  { tables }: SeedModel,
  project: Project | undefined,
  { only, exclude }: { readonly only: readonly string[]; readonly exclude: readonly string[] },
): SeedTable[] {
  const names = tables.map(({ table }) => table.name)
  for (const word of [...only, ...exclude].filter(word => !GLOB.test(word))) {
    if (!tables.some(({ table }) => isCalled(table, word))) throw unknownTable(word, names)
  }
  const within = matcherOf(only)
  const without = matcherOf(exclude)
  const matches = (matcher: (name: string) => boolean, { schema, name }: Table) =>
    matcher(name) || matcher(`${schema}.${name}`)
  return tables.filter(
    ({ table }) =>
      !isOwn(table, project) &&
      (only.length === 0 || matches(within, table)) &&
      (exclude.length === 0 || !matches(without, table)),
  )
}

const GLOB = /[*?!]/

export function isCalled({ schema, name }: Table, word: string): boolean {
  return word === name || word === `${schema}.${name}`
}

function isOwn({ schema, name }: Table, project: Project | undefined): boolean {
  return isBookkeeping(
    { schema, name },
    project?.migrationsTable ?? { schema, table: '__drizzle_migrations' },
  )
}

/** What a TRUNCATE of these tables has to empty as well, since it points to them. */
export function reachedByTruncate({ references }: Graph, tables: readonly Table[]): Table[] {
  const reached = new Set(tables)
  // grows while it is walked
  for (const table of reached) for (const { from, to } of references) if (to === table) reached.add(from)
  return [...reached]
}

/** Throws OpsError `seed-table`, exit 2, for rows that are asked of a table which does not exist. */
export function checkCounts({ tables }: SeedModel, counts: Counts['tables']): void {
  for (const word of Object.keys(counts))
    if (!tables.some(({ table }) => isCalled(table, word)))
      throw unknownTable(
        word,
        tables.map(({ table }) => table.name),
      )
}

function unknownTable(word: string, names: readonly string[]): OpsError {
  return new OpsError({
    code: 'seed-table',
    message: `There is no table ${word}.`,
    hint:
      names.length > 0
        ? suggestion(word, [...names])
        : 'The database is empty: run drizzle-ops migrate first.',
    exit: 2,
  })
}
