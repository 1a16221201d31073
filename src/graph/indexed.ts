import type { IndexKeysRow } from '../catalog/index-keys.ts'
import type { TableColumnRow } from '../catalog/table-columns.ts'
import { quoted } from '../database/identifier.ts'

/** What a reference compares in the rows that point by it. */
export interface Compared {
  readonly column: TableColumnRow
  /** Whether as text, because the other side has another type. */
  readonly asText: boolean
}

/** Columns and the text that they must hold. */
export type When = readonly (readonly [column: string, value: string])[]

/** Types whose text is the value itself: an index on the column serves. */
const TEXTS: readonly string[] = ['text', 'character varying']

/** Whether an index leads to the rows that hold given values; the columns of `when` may stand among its first. */
export function isIndexed(
  indexes: readonly IndexKeysRow[],
  compared: readonly Compared[],
  when: When,
): boolean {
  const wanted = compared.map(each => (isCast(each) ? `((${each.column.name})::text)` : each.column.name))
  const given = when.map(([column]) => column)
  const conditions: readonly string[] = [
    ...compared.map(({ column }) => `(${column.name} IS NOT NULL)`),
    ...when.flatMap(([column, value]) => {
      const text = `'${value.replaceAll("'", "''")}'::text`
      return [`(${column} = ${text})`, `((${column})::text = ${text})`]
    }),
  ]
  return indexes.some(({ keys, predicate }) => {
    const end = keys.findIndex(key => !wanted.includes(key) && !given.includes(key))
    const leading = end < 0 ? keys : keys.slice(0, end)
    return (
      wanted.every(key => leading.includes(key)) && (predicate === null || conditions.includes(predicate))
    )
  })
}

/** What to index, as CREATE INDEX takes it. */
export function indexKeys(compared: readonly Compared[]): string[] {
  return compared.map(each => {
    const name = quoted(each.column.name)
    return isCast(each) ? `(${name}::text)` : name
  })
}

function isCast({ column, asText }: Compared): boolean {
  return asText && !TEXTS.includes(column.cast)
}
