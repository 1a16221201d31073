import type { UniqueKeyRow } from '../catalog/unique-keys.ts'
import { literal, quoted } from '../database/identifier.ts'
import { hashOf } from './new-ids.ts'
import { type Loading, referencesOf } from './state.ts'
import { LINE, type LoadColumn, type LoadTable, stageOf, survivorsOf } from './tables.ts'

/** Digits of the salt's hash that tell a copy from its original. */
const DIGITS = 8

/**
 * Gives text that collides with another row of the target a suffix that follows from the salt; an address gets it
 * before the @. What an earlier import with the same salt has made is no other row. Returns whether a row was given one.
 */
export async function suffixUnique(
  loading: Loading,
  load: LoadTable,
  fresh: readonly LoadColumn[],
  salt: string,
): Promise<boolean> {
  let changed = false
  for (const key of loading.keys.filter(({ table, primary }) => table === load.table.oid && !primary)) {
    const column = textOf(loading, load, key, fresh)
    if (!column) continue
    const name = quoted(column.name)
    const result = await loading.database.script(
      `UPDATE ${stageOf(load)} AS staged SET ${name} = ${suffixed(`staged.${name}`, column, salt)} FROM ${survivorsOf(load)} AS known WHERE known.line = staged.${LINE} AND known.why = ${literal(key.name)}`,
    )
    changed ||= (result.count ?? 0) > 0
  }
  return changed
}

/** The last text of a key that neither a reference nor a fresh id fills. */
function textOf(
  loading: Loading,
  load: LoadTable,
  { columns }: UniqueKeyRow,
  fresh: readonly LoadColumn[],
): LoadColumn | undefined {
  const filled = [
    ...referencesOf(loading, load).flatMap(reference => reference.columns),
    ...fresh.map(({ name }) => name),
  ]
  return load.columns.findLast(
    ({ name, category }) => category === 'S' && columns.includes(name) && !filled.includes(name),
  )
}

function suffixed(value: string, { length, type }: LoadColumn, salt: string): string {
  const mark = `left(${hashOf(`${value}::text`, salt)}, ${DIGITS})`
  const text =
    length === null ? `${value}::text` : `left(${value}::text, ${Math.max(0, length - DIGITS - 1)})`
  const address = `regexp_replace(${value}::text, '@', '+' || ${mark} || '@')`
  const fits = length === null ? 'true' : `length(${value}::text) + ${DIGITS + 1} <= ${length}`
  return `(CASE WHEN strpos(${value}::text, '@') > 1 AND ${fits} THEN ${address} ELSE ${text} || '-' || ${mark} END)::${type}`
}
