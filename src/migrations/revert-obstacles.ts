import { countLabels, countNulls, countRows } from '../catalog/row-counts.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { type Entity, isSerial, keyOf, nameOf } from './derive-entities.ts'
import { enumOf, isOwnType, lostValues, typeChanges, typeSql } from './derive-stages.ts'
import { refOf, tableOf, todaysName } from './revert-names.ts'
import type { RevertStep } from './revert-plan.ts'

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
            ...(await impossibleCasts(database, step.derived)),
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

/** cannot_coerce */
const NO_CAST = '42846'

async function impossibleCasts(database: Database, { from, to }: States): Promise<string[]> {
  const found: string[] = []
  for (const { column, before } of typeChanges(from, to)) {
    if (isSerial(before) || isOwnType(before)) continue
    const [source, target] = [typeSql(column.value), typeSql(before)]
    const error = await database
      .script(`SELECT NULL::${source}::${target}`)
      .catch((thrown: unknown) => thrown)
    if (error instanceof OpsError && error.sqlstate === NO_CAST)
      found.push(
        `${nameOf(column)} would have to become ${target} again, and PostgreSQL has no cast from ${source}`,
      )
  }
  return found
}

function needsValue({ value }: Entity): boolean {
  const { default: preset, generated, identity } = value
  return (preset === undefined || preset === null) && !generated && !identity && !isSerial(value)
}

function counted(rows: number | null): string {
  return rows === null ? 'an unknown number of rows' : `${rows} ${rows === 1 ? 'row' : 'rows'}`
}
