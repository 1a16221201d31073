import type { UniqueKeyRow } from '../catalog/unique-keys.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { relationOf } from '../graph/graph.ts'
import { currentOf, type Loading } from './state.ts'
import { bare, LINE, type LoadColumn, type LoadTable, survivorsOf } from './tables.ts'

/** One row of the archive that the target has already. */
export interface Conflict {
  readonly table: string
  /** The row's key in the archive, as people write it: `id=1`. */
  readonly key: string
  /** The unique index by which it is the same. */
  readonly index: string
  readonly line: number
}

/** Conflicts that a refusal lists. */
const SHOWN = 10

export async function makeSurvivors({
  database,
  tables,
}: Pick<Loading, 'database' | 'tables'>): Promise<void> {
  await database.script(
    tables
      .map(
        load =>
          `CREATE TEMPORARY TABLE ${bare(survivorsOf(load))} (line bigint, r oid, c tid, why text, PRIMARY KEY (line, r, c)) ON COMMIT DROP`,
      )
      .join('; '),
  )
}

/**
 * Finds the target's rows that are the same to any unique key, partial ones and expressions included. By a primary key
 * with a column that holds what nobody has (`unheard`) there are none, and the target is not read for it.
 */
export async function findSurvivors(
  loading: Loading,
  load: LoadTable,
  unheard: readonly LoadColumn[],
): Promise<void> {
  const { database, keys } = loading
  const known = `DELETE FROM ${survivorsOf(load)} WHERE why <> 'owner'`
  const own = keys.filter(
    ({ table, primary, columns }) =>
      table === load.table.oid &&
      columns.every(name => load.columns.some(column => column.name === name)) &&
      !(primary && unheard.some(({ name }) => columns.includes(name))),
  )
  if (own.length === 0 || (await isEmpty(loading, load))) return
  const inserts = own.map(
    key => `INSERT INTO ${survivorsOf(load)} ${sameRows(loading, load, key)} ON CONFLICT DO NOTHING`,
  )
  await database.script([known, ...inserts].join('; '))
  const found = await database.script(`SELECT FROM ${survivorsOf(load)} LIMIT 1`)
  if (found.length > 0) loading.survived.add(load)
}

async function isEmpty({ database }: Loading, { table }: LoadTable): Promise<boolean> {
  const found = await database.script(`SELECT FROM ${relationOf(table)} LIMIT 1`)
  return found.length === 0
}

function sameRows(
  loading: Loading,
  load: LoadTable,
  { name, parts, predicate, nullsEqual }: UniqueKeyRow,
): string {
  const where = predicate === null ? '' : ` WHERE ${predicate}`
  const values = parts.map(({ sql }, index) => `(${sql}) AS k${index}`).join(', ')
  const staged = `SELECT ${LINE} AS line, ${values} FROM ${currentOf(loading, load)}${where}`
  const existing = `SELECT tableoid AS r, ctid AS c, ${values} FROM ${relationOf(load.table)}${where}`
  const same = parts.map(({ equals }, index) => {
    const equal = `existing.k${index} ${equals} staged.k${index}`
    return nullsEqual ? `(${equal} OR (existing.k${index} IS NULL AND staged.k${index} IS NULL))` : equal
  })
  const replaced = `NOT EXISTS (SELECT FROM ${survivorsOf(load)} AS known WHERE known.line = staged.line AND known.why = 'owner')`
  return `SELECT staged.line, existing.r, existing.c, ${literal(name)} FROM (${staged}) AS staged JOIN (${existing}) AS existing ON ${same.join(' AND ')} WHERE ${replaced}`
}

/** Throws OpsError `conflict`, exit 1, listing rows by key, where the target has rows that the archive brings. */
export async function refuseConflicts(loading: Loading): Promise<void> {
  const found: Conflict[] = []
  let total = 0
  for (const load of loading.tables.filter(({ matched }) => !matched)) {
    const conflicts = await listConflicts(loading, load)
    total += conflicts.total
    found.push(...conflicts.first.slice(0, SHOWN - found.length))
  }
  if (total === 0) return
  const lines = found.map(({ table, key, index, line }) => `${table} ${key} (${index}, line ${line})`)
  const others = total > found.length ? `\nand ${total - found.length} more` : ''
  throw new OpsError({
    code: 'conflict',
    message: `${total === 1 ? 'A row is' : `${total} rows are`} in this database already:\n${lines.join('\n')}${others}`,
    hint: "Keep what is here with --on-conflict skip, take the archive's with --on-conflict update, or import a copy with --new-ids.",
    known: { conflicts: found, conflictCount: total },
  })
}

async function listConflicts(
  loading: Loading,
  load: LoadTable,
): Promise<{ readonly total: number; readonly first: Conflict[] }> {
  const key = keyText(load, 'staged')
  const rows = (await loading.database.script(
    `SELECT ${key} AS key, found.why AS index, found.line::float8 AS line, count(*) OVER ()::float8 AS total
     FROM (SELECT DISTINCT ON (line) line, why FROM ${survivorsOf(load)} WHERE why <> 'owner' ORDER BY line, why) AS found
     JOIN ${currentOf(loading, load)} AS staged ON staged.${LINE} = found.line ORDER BY found.line LIMIT ${SHOWN}`,
  )) as { key: string; index: string; line: number; total: number }[]
  return {
    total: rows[0]?.total ?? 0,
    first: rows.map(({ key: text, index, line }) => ({ table: load.archived.table, key: text, index, line })),
  }
}

/** SQL for a row's key as people write it; of a table without one, its line. */
export function keyText({ table, columns }: LoadTable, row: string): string {
  const key = (table.identity ?? []).filter(name => columns.some(column => column.name === name))
  if (key.length === 0) return `'line ' || ${row}.${LINE}`
  return `concat_ws(',', ${key.map(name => `concat(${literal(`${name}=`)}, ${row}.${quoted(name)})`).join(', ')})`
}

/**
 * Throws OpsError `conflict-ambiguous`, exit 1, where one row of the archive is the same as two of the target's, or
 * two would change the same one.
 */
export async function refuseAmbiguous(loading: Loading, load: LoadTable): Promise<void> {
  const { database, policy } = loading
  const several = `SELECT line FROM ${survivorsOf(load)} GROUP BY line HAVING count(*) > 1`
  const twice = `SELECT min(line) FROM ${survivorsOf(load)} WHERE why <> 'owner' GROUP BY r, c HAVING count(*) > 1`
  const [row] = (await database.script(
    `SELECT found.line::float8 AS line, ${keyText(load, 'staged')} AS key FROM ${currentOf(loading, load)} AS staged JOIN (${policy === 'update' && !load.matched ? `${several} UNION ${twice}` : several}) AS found (line) ON staged.${LINE} = found.line ORDER BY found.line LIMIT 1`,
  )) as { line: number; key: string }[]
  if (!row) return
  throw new OpsError({
    code: 'conflict-ambiguous',
    message: `${load.archived.table} ${row.key} (line ${row.line}) is the same as one row of this database by one unique key and as another by another, or shares it with a second row.`,
    hint: 'Change one of them by hand, or import a copy with --new-ids --unique suffix.',
  })
}
