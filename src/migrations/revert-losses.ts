import { columnsBehindGap } from '../catalog/dropped-columns.ts'
import { countLabels, countNulls, countRows, countValues, type TableRef } from '../catalog/row-counts.ts'
import type { Database } from '../database/database.ts'
import { type Entity, isSerial, keyOf, nameOf, type Value } from './derive-entities.ts'
import type { Action } from './derive-reader.ts'
import type { Rename } from './derive-rename.ts'
import { enumOf, lostValues, typeChanges } from './derive-stages.ts'
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
  return verb === 'alter' && to !== undefined ? [{ schema, table, column: name, how: `becomes ${to}` }] : []
}

/** What is called so after the newer steps are reverted, as it is called before. */
function todaysName<T extends TableRef & { readonly column?: string }>(
  ref: T,
  newer: readonly RevertStep[],
): T {
  return newer
    .toReversed()
    .flatMap(({ renames }) => renames.toReversed())
    .reduce(laterName, ref)
}

function laterName<T extends TableRef & { readonly column?: string }>(
  ref: T,
  { verb, kind, schema, table, name, to }: Rename,
): T {
  if (kind === 'schema' && ref.schema === name) return { ...ref, schema: to }
  if (ref.schema !== schema) return ref
  if (kind === 'table' && ref.table === name)
    return verb === 'move' ? { ...ref, schema: to } : { ...ref, table: to }
  return kind === 'column' && ref.table === table && ref.column === name ? { ...ref, column: to } : ref
}

/** What the rows of today forbid, as sentences: values that the older type does not have, and what is to be NOT NULL again. */
export async function obstaclesOf(database: Database, steps: readonly RevertStep[]): Promise<string[][]> {
  const obstacles: string[][] = []
  for (const [index, step] of steps.entries()) {
    const newer = steps.slice(0, index)
    obstacles.push(
      step.derived
        ? [
            ...(await valuesInUse(database, step.derived, newer)),
            ...(await nullsInTheWay(database, step.derived, newer)),
          ]
        : [],
    )
  }
  return obstacles
}

type States = { readonly from: readonly Entity[]; readonly to: readonly Entity[] }

async function valuesInUse(
  database: Database,
  { from, to }: States,
  newer: readonly RevertStep[],
): Promise<string[]> {
  const found: string[] = []
  const left = new Set(to.map(keyOf))
  for (const { type, values } of lostValues(from, to)) {
    const columns = from.filter(
      column =>
        column.kind === 'columns' &&
        left.has(keyOf(column)) &&
        String(enumOf(column.value)) === String([type.schema, type.name]),
    )
    for (const column of columns) {
      const { column: name, ...table } = todaysName(refOf(column), newer)
      const rows = await countLabels(database, table, name, values)
      if (rows !== 0)
        found.push(
          `${counted(rows)} of ${nameOf({ ...column, table: '', name: column.table })} ${rows === 1 ? 'holds' : 'hold'} ${values.join(' or ')} in ${name}, which the older ${type.name} does not have`,
        )
    }
  }
  return found
}

async function nullsInTheWay(
  database: Database,
  { from, to }: States,
  newer: readonly RevertStep[],
): Promise<string[]> {
  const found: string[] = []
  const present = new Map(from.map(entity => [keyOf(entity), entity]))
  for (const column of to) {
    if (column.kind !== 'columns' || column.value.notNull !== true) continue
    const before = present.get(keyOf(column))
    if (before?.value.notNull === true) continue
    const { column: name, ...table } = todaysName(refOf(column), newer)
    const label = nameOf({ ...column, table: '', name: column.table })
    if (before) {
      const rows = await countNulls(database, table, name)
      if (rows !== 0)
        found.push(
          `${counted(rows)} of ${label} ${rows === 1 ? 'has' : 'have'} no ${name}, which is to be NOT NULL again`,
        )
    } else if (needsValue(column) && present.has(keyOf(tableOf(column)))) {
      const rows = await countRows(database, table)
      if (rows !== 0)
        found.push(`${label} has ${counted(rows)}, and ${name} comes back NOT NULL without a default`)
    }
  }
  return found
}

function needsValue({ value }: Entity): boolean {
  const { default: preset, generated, identity } = value
  return (preset === undefined || preset === null) && !generated && !identity && !isSerial(value)
}

function tableOf({ schema, table }: Entity) {
  return { kind: 'tables', schema, table: '', name: table } as const
}

function refOf({ schema, table, name }: Entity): TableRef & { readonly column: string } {
  return { schema, table, column: name }
}

function counted(rows: number | null): string {
  return rows === null ? 'rows that may not be counted' : `${rows} ${rows === 1 ? 'row' : 'rows'}`
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
