import { columnsBehindGap } from '../catalog/dropped-columns.ts'
import { countRows, countValues, type TableRef } from '../catalog/row-counts.ts'
import type { Database } from '../database/database.ts'
import { type Entity, keyOf, nameOf, type Value } from './derive-entities.ts'
import type { Action } from './derive-reader.ts'
import { typeChanges } from './derive-stages.ts'
import { refOf, tableOf, todaysName } from './revert-names.ts'
import type { RevertStep } from './revert-plan.ts'
import { keepsEverything } from './revert-types.ts'

/** What reverting one migration takes away. */
export interface Loss {
  /** `schema.table` or `schema.table.column`. */
  readonly object: string
  readonly how: string
  /** null where our role may not count them. */
  readonly rows: number | null
}

/** Something that a step does to a table or to one of its columns, which may be called otherwise by now. */
interface Touch extends TableRef {
  readonly column?: string
  readonly how: string
}

/** What each of the steps loses, in their order. Only what holds rows or values counts. */
export async function lossesOf(database: Database, steps: readonly RevertStep[]): Promise<Loss[][]> {
  const losses: Loss[][] = []
  for (const [index, step] of steps.entries()) {
    const lost: Loss[] = []
    for (const touch of touchesOf(step)) {
      const { schema, table, column, how } = touch
      const now = todaysName(touch, steps.slice(0, index))
      const rows =
        now.column === undefined
          ? await countRows(database, now)
          : await countValues(database, now, now.column)
      const object = nameOf({ schema, table: column === undefined ? '' : table, name: column ?? table })
      if (rows !== 0) lost.push({ object, how, rows })
    }
    losses.push(lost)
  }
  return losses
}

function touchesOf({ derived, statements }: RevertStep): Touch[] {
  if (!derived) return statements.flatMap(({ actions }) => (actions ?? []).flatMap(touchOfAction))
  const { from, to } = derived
  const left = new Set(to.map(keyOf))
  const gone = from.filter(entity => !left.has(keyOf(entity)))
  const tables = gone.filter(({ kind }) => kind === 'tables')
  const columns = gone.filter(
    ({ kind, schema, table, value }) =>
      kind === 'columns' &&
      !value.generated &&
      !tables.some(each => each.name === table && each.schema === schema),
  )
  return [
    ...tables.map(({ schema, name }): Touch => ({ schema, table: name, how: 'dropped' })),
    ...columns.map(({ schema, table, name }): Touch => ({ schema, table, column: name, how: 'dropped' })),
    ...typeChanges(from, to)
      .filter(({ column, before }) => !keepsEverything(column.value, before))
      .map(
        ({ column: { schema, table, name, value }, before }): Touch => ({
          schema,
          table,
          column: name,
          how: `${typeName(value)} becomes ${typeName(before)}`,
        }),
      ),
  ]
}

function typeName({ type, dimensions }: Value): string {
  return `${type}${'[]'.repeat(Number(dimensions ?? 0))}`
}

function touchOfAction({ verb, kind, schema, table, name, to }: Action): Touch[] {
  if (verb === 'drop' && kind === 'table') return [{ schema, table: name, how: 'dropped' }]
  if (kind !== 'column') return []
  if (verb === 'drop') return [{ schema, table, column: name, how: 'dropped' }]
  const narrows = verb === 'alter' && to !== undefined && !keepsEverything({}, { type: to })
  return narrows ? [{ schema, table, column: name, how: `becomes ${to}` }] : []
}

/** The columns that come back behind others that they may have stood before. */
export async function displacedOf(database: Database, steps: readonly RevertStep[]): Promise<string[][]> {
  const displaced: string[][] = []
  for (const [index, { derived }] of steps.entries()) {
    const found: string[] = []
    const present = new Set(derived?.from.map(keyOf))
    for (const column of derived?.to ?? []) {
      if (column.kind !== 'columns' || present.has(keyOf(column)) || !present.has(keyOf(tableOf(column))))
        continue
      const behind = await columnsBehindGap(database, todaysName(refOf(column), steps.slice(0, index)))
      const going = droppedBy(steps.slice(0, index + 1), column)
      if (behind.some(name => !going.includes(name))) found.push(nameOf(column))
    }
    displaced.push(found)
  }
  return displaced
}

/** The columns of a table that the steps drop. */
function droppedBy(steps: readonly RevertStep[], { schema, table }: Entity): string[] {
  return steps.flatMap(step =>
    touchesOf(step).flatMap(touch =>
      touch.schema === schema &&
      touch.table === table &&
      touch.how === 'dropped' &&
      touch.column !== undefined
        ? [touch.column]
        : [],
    ),
  )
}
