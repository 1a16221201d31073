import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { altered, OpsError } from '../errors.ts'
import { serverError } from '../explain.ts'
import { type Reference, relationOf } from '../graph/graph.ts'
import { keyText } from './conflicts.ts'
import { stagedAs } from './partitions.ts'
import { currentOf, isKept, type Loading } from './state.ts'
import { LINE, type LoadTable } from './tables.ts'

/** The server's refusal of a row in the archive's own terms, where the stages can tell. */
export async function explainRefusal(loading: Loading, error: unknown): Promise<unknown> {
  if (!(error instanceof OpsError)) return error
  switch (error.sqlstate) {
    case '23502':
      return (await findNull(loading)) ?? error
    case '23503':
      return (await findDangling(loading)) ?? error
    case '23505':
      return altered(error, {
        code: 'conflict',
        message: `The archive holds a row twice, or another session has just brought it in: ${serverError(error)?.message}.`,
        hint: 'Run the import again; if it says the same, the archive was not made of a database with this constraint.',
      })
    default:
      return error
  }
}

/**
 * Looks for rows that point to rows which are neither in the archive nor in the target: by sets, as is needed where
 * the triggers that would look are off. Throws OpsError `dangling-reference`, exit 1.
 */
export async function refuseDangling(loading: Loading): Promise<void> {
  const found = await findDangling(loading)
  if (found) throw found
}

async function findDangling(loading: Loading): Promise<OpsError | undefined> {
  const { database, graph, tables } = loading
  for (const load of tables.filter(({ matched }) => !matched)) {
    for (const reference of graph.references) {
      if (reference.from !== load.table || reference.source !== 'constraint') continue
      if (!reference.columns.every(name => load.columns.some(column => column.name === name))) continue
      const found = await dangling(database, loading, load, reference)
      if (found) return found
    }
  }
  return undefined
}

async function dangling(
  database: Database,
  loading: Loading,
  load: LoadTable,
  reference: Reference,
): Promise<OpsError | undefined> {
  const { columns, to } = reference
  const places = [
    relationOf(to),
    ...loading.tables
      .filter(({ table, matched }) => table === to && !matched)
      .map(parent => currentOf(loading, parent)),
  ]
  const points = [reference.points('staged')]
  const [row] = (await database.script(
    `SELECT ${keyText(load, 'staged')} AS key, staged.${LINE}::text AS line, count(*) OVER ()::text AS total FROM ${stagedAs(loading, load, currentOf(loading, load), 'staged')} WHERE ${[isKept(loading, load), ...points, ...lacking(reference, places)].join(' AND ')} ORDER BY staged.${LINE} LIMIT 1`,
  )) as { key: string; line: string; total: string }[]
  if (!row) return undefined
  const others = row.total === '1' ? '' : `, as do ${Number(row.total) - 1} others`
  return new OpsError({
    code: 'dangling-reference',
    message: `${load.archived.table} ${row.key} (line ${row.line}) points by ${columns.join(', ')} to a row of ${to.title} that is neither in the archive nor in this database${others}.`,
    hint: `Bring those rows in first, or put another in their place: --owner <id> or --set ${load.table.name}.${columns[0]}=<value>.`,
  })
}

/** What is true of a row where the places do not hold what it points to. */
function lacking({ columns, referenced, period, match }: Reference, places: readonly string[]): string[] {
  const parents = (place: string, what: string) =>
    `SELECT ${what} FROM ${place} AS parent WHERE ${match('staged', 'parent')}`
  if (!period) return places.map(place => `NOT EXISTS (${parents(place, '')})`)
  const ranges = places.map(place => parents(place, `parent.${quoted(referenced.at(-1) ?? '')}`))
  const covered = `SELECT range_agg(range) FROM (${ranges.join(' UNION ALL ')}) AS parents (range)`
  return [`NOT coalesce(staged.${quoted(columns.at(-1) ?? '')} <@ (${covered}), false)`]
}

async function findNull(loading: Loading): Promise<OpsError | undefined> {
  for (const load of loading.tables.filter(({ matched }) => !matched)) {
    for (const { name, type } of load.columns.filter(({ notNull }) => notNull)) {
      const [row] = (await loading.database.script(
        `SELECT ${keyText(load, 'staged')} AS key, staged.${LINE}::text AS line, count(*) OVER ()::text AS total FROM ${currentOf(loading, load)} AS staged WHERE staged.${quoted(name)} IS NULL ORDER BY staged.${LINE} LIMIT 1`,
      )) as { key: string; line: string; total: string }[]
      if (!row) continue
      return new OpsError({
        code: 'schema-drift',
        message: `${load.archived.table}.${name} (${type}) is NOT NULL here, and ${row.total} rows of the archive have none, ${row.key} (line ${row.line}) the first.`,
        hint: `Give them one: --set ${load.table.name}.${name}=<value>.`,
      })
    }
  }
  return undefined
}
