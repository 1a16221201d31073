import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { relationOf } from '../graph/graph.ts'
import { keyText } from './conflicts.ts'
import { currentOf, isKept, type Loading } from './state.ts'
import { agree, columnList, LINE, type LoadTable } from './tables.ts'

/**
 * Looks the imported rows up in their tables: each must be there, and where `values` is given, hold what the archive
 * holds to the last bit. Tables without a key are told by the count of what was inserted alone.
 * Throws OpsError `verification-failed`, exit 1.
 */
export async function verifyRows(loading: Loading, load: LoadTable, values: boolean): Promise<void> {
  const key = load.table.identity
  if (!key?.every(name => load.columns.some(column => column.name === name))) return
  const names = load.columns.map(({ name }) => name)
  const same = key.map(name => `existing.${quoted(name)} = staged.${quoted(name)}`).join(' AND ')
  const equal = values ? ` AND ${agree(columnList(names, 'existing'), columnList(names, 'staged'))}` : ''
  const current = currentOf(loading, load)
  const kept = isKept(loading, load)
  const [row] = (await loading.database.script(
    `SELECT (SELECT count(*) FROM ${current} AS staged WHERE ${kept}) - (SELECT count(*) FROM ${current} AS staged JOIN ${relationOf(load.table)} AS existing ON ${same}${equal} WHERE ${kept}) AS missing`,
  )) as { missing: string }[]
  if (Number(row?.missing ?? 0) === 0) return
  const [first] = (await loading.database.script(
    `SELECT ${keyText(load, 'staged')} AS key, ${LINE}::text AS line FROM ${current} AS staged WHERE ${kept} AND NOT EXISTS (SELECT FROM ${relationOf(load.table)} AS existing WHERE ${same}${equal}) ORDER BY staged.${LINE} LIMIT 1`,
  )) as { key: string; line: string }[]
  throw new OpsError({
    code: 'verification-failed',
    message: `${row?.missing} rows of ${load.archived.table} are not in the database as they are in the archive, ${first?.key} (line ${first?.line}) the first. Everything was rolled back.`,
    hint: 'A rule or a trigger of the table changes what is inserted: see \\d in psql, and try --no-triggers.',
  })
}
