import type { Oid } from '../catalog/relations.ts'
import { largestIn, rowsIn, valuesIn } from '../catalog/seed-state.ts'
import type { Database } from '../database/database.ts'
import { componentsOf } from '../graph/components.ts'
import type { Table } from '../graph/graph.ts'
import { loadParser } from '../sql/parse.ts'
import { as } from '../sql/tree.ts'
import type { Cell } from './cell.ts'
import type { Setting } from './column-cell.ts'
import { type Counts, wantedRows } from './counts.ts'
import { type Rules, rulesOf } from './limits.ts'
import type { SeedModel, SeedTable } from './model.ts'
import { type ExistingRows, type Parents, parentsOf, type TablePlan } from './plan.ts'
import { planTable } from './plan-table.ts'

export interface SeedRequest {
  readonly setting: Setting
  readonly counts: Counts
  /** The tables to write to. */
  readonly chosen: readonly SeedTable[]
  /** Whether what is there will be gone by then. */
  readonly emptied: (table: Table) => boolean
  /** Values that the config gives, by table and column. */
  readonly overrides: (table: Table) => ReadonlyMap<string, Cell>
}

/** Keys of rows that are there already are kept up to this many. */
const KEPT = 100_000

/**
 * Plans all tables, parents first; those of one component point to each other in a circle. The plan is made of
 * functions: no row exists yet, and none is kept.
 */
export async function prepareSeed(
  database: Database,
  model: SeedModel,
  request: SeedRequest,
): Promise<TablePlan[][]> {
  const { chosen, counts, emptied, setting } = request
  const parse = await expressionParser()
  const plans = new Map<Oid, TablePlan>()
  const bystanders = new Map<Oid, Parents>()
  const order = componentsOf(chosen, ({ references }) =>
    references.flatMap(({ to }) => chosen.find(({ table }) => table === to) ?? []),
  )
  const existing = new Map<Oid, ExistingRows>()
  const standing = new Map<Oid, number>()
  const wanted = new Map<Oid, number>()
  for (const { table } of model.tables) {
    const referenced = model.graph.references.filter(({ to, from }) => to === table && isChosen(chosen, from))
    const columns = [...new Set(referenced.flatMap(reference => reference.referenced))]
    const needed = isChosen(chosen, table) || columns.length > 0
    const rows = needed && !emptied(table) ? await rowsIn(database, table.schema, table.name) : 0
    standing.set(table.oid, rows)
    existing.set(table.oid, rows > 0 ? await keysOf(database, table, columns) : NONE)
    if (!isChosen(chosen, table))
      bystanders.set(
        table.oid,
        parentsOf({ existing: existing.get(table.oid) ?? NONE, first: 0, rows: 0, cells: new Map() }),
      )
  }
  for (const component of order)
    for (const each of component)
      wanted.set(
        each.table.oid,
        wantedRows(each, counts, oid => wanted.get(oid) ?? existing.get(oid)?.count ?? 0),
      )
  const parents = (table: Table): Parents => {
    const known = bystanders.get(table.oid)
    if (known) return known
    const there = existing.get(table.oid) ?? NONE
    // in a circle the other's plan may come later; its number of rows is what was wanted of it
    return {
      get count() {
        return there.count + (plans.get(table.oid)?.rows ?? wanted.get(table.oid) ?? 0)
      },
      existing: there.count,
      text: (index, column) => {
        const plan = plans.get(table.oid)
        return plan ? parentsOf(plan).text(index, column) : null
      },
    }
  }
  const groups: TablePlan[][] = []
  for (const component of order) {
    const group: TablePlan[] = []
    for (const table of component) {
      const there = existing.get(table.table.oid) ?? NONE
      const plan = planTable(
        setting,
        {
          table,
          rules: rulesFor(table, parse),
          wanted: wanted.get(table.table.oid) ?? 0,
          first: standing.get(table.table.oid) ?? 0,
          base: emptied(table.table) ? new Map() : await basesOf(database, table),
          existing: there,
          overrides: request.overrides(table.table),
        },
        parents,
      )
      plans.set(table.table.oid, plan)
      group.push(plan)
    }
    groups.push(group)
  }
  return groups
}

const NONE: ExistingRows = { count: 0, values: new Map() }

function isChosen(chosen: readonly SeedTable[], table: Table): boolean {
  return chosen.some(each => each.table === table)
}

async function keysOf(
  database: Database,
  { schema, name }: Table,
  columns: readonly string[],
): Promise<ExistingRows> {
  if (columns.length === 0) return NONE
  const values = await valuesIn(database, schema, name, columns, KEPT)
  return { count: values.get(columns[0] ?? '')?.length ?? 0, values }
}

const NUMBERS = ['int2', 'int4', 'int8', 'numeric']

async function basesOf(database: Database, { table, columns }: SeedTable): Promise<Map<string, number>> {
  const bases = new Map<string, number>()
  for (const { name, type, array } of columns) {
    const numbering =
      table.primaryKey?.includes(name) || columns.find(each => each.name === name)?.sequence !== null
    if (numbering && NUMBERS.includes(type) && !array)
      bases.set(name, await largestIn(database, table.schema, table.name, name))
  }
  return bases
}

async function expressionParser() {
  const { parse } = await loadParser()
  return (expression: string) => {
    const [statement] = parse(`SELECT ${expression}`)
    return as('ResTarget', as('SelectStmt', statement?.tree)?.targetList?.[0])?.val
  }
}

function rulesFor({ checks, columns }: SeedTable, parse: Parameters<typeof rulesOf>[1]): Rules {
  return rulesOf(
    [
      ...checks.map(({ expression }) => ({ sql: expression })),
      ...columns.flatMap(({ name, domainChecks }) => domainChecks.map(sql => ({ sql, value: name }))),
    ],
    parse,
  )
}
