import type { SeedColumn } from '../catalog/seed-columns.ts'
import { type Cell, numeric, textual } from './cells/cell.ts'
import { cellOf, type Setting } from './cells/column-cell.ts'
import { bothOf, type Limits } from './cells/limits.ts'
import type { TableOrder } from './plan-table.ts'
import { type Uniqueness, valuesOf } from './unique.ts'

/** Of a column with few values, of which a unique key picks one for each row. */
export function fewOf(
  column: SeedColumn,
  limits: ReadonlyMap<string, Limits>,
  pick: ((row: number) => number) | undefined,
): Cell | undefined {
  if (!pick) return undefined
  const values = valuesOf(column, limits)
  return textual(row => values[pick(row)] ?? '')
}

const CONSTANT = /^'((?:[^']|'')*)'::/
const FREE = ['text', 'varchar', 'bpchar', 'citext', 'json', 'jsonb']
const NUMBER_MOST: Readonly<Record<string, number>> = { int2: 32_767, int4: 2_147_483_647 }

/** The values of a column that no foreign key gives any. */
export function freeCell(
  setting: Setting,
  { table, rules, base, first, attempts, referenced, fields }: TableOrder,
  { distinct, numbered }: Pick<Uniqueness, 'distinct' | 'numbered'>,
  column: SeedColumn,
): Cell | undefined {
  const { name } = column
  const start = base.get(name) ?? 0
  if (numbered.has(name))
    return {
      ...numeric(row => start + row - first + 1, String),
      most: mostOf(column) - start,
    }
  const limits = rules.limits.get(name) ?? {}
  const attempt = attempts.get(name) ?? 0
  const isDistinct = distinct.has(name)
  const constant = constantOf(column)
  if (constant !== undefined && !isDistinct && !limits.allowed && attempt === 0)
    return textual(() => constant)
  const order = { distinct: isDistinct, whole: referenced.has(name), attempt, fields }
  const { routes } = rules
  if (routes.length === 0 || !routes.some(route => route.has(name)))
    return cellOf(setting, table.table.title, column, { ...order, limits })
  const cells = routes.flatMap(route => {
    const within = bothOf(limits, route.get(name) ?? {})
    return cellOf(setting, table.table.title, column, { ...order, limits: within, whole: true }) ?? []
  })
  return cells.length === 0 ? undefined : inTurn(cells, isDistinct)
}

/** Each row goes into one partition, whose bounds its columns keep to. */
function inTurn(cells: readonly Cell[], distinct: boolean): Cell {
  const cell = (row: number) => cells[row % cells.length]
  const inner = (row: number) => (distinct ? Math.floor(row / cells.length) : row)
  return {
    ...cells[0],
    text: row => cell(row)?.text(inner(row)) ?? null,
    ...(cells[0]?.number && { number: row => cell(row)?.number?.(inner(row)) ?? 0 }),
    ...(distinct && { most: Math.min(...cells.map(({ most = 2 ** 51 }) => most)) * cells.length }),
  }
}

function mostOf({ type, precision, scale }: SeedColumn): number {
  return precision === null ? (NUMBER_MOST[type] ?? 2 ** 51) : 10 ** (precision - (scale ?? 0)) - 1
}

/** What the application starts with is a value that it knows: `'idle'`, `'[]'`. */
function constantOf({ type, preset, array, kind }: SeedColumn): string | undefined {
  const [, text] = CONSTANT.exec(preset ?? '') ?? []
  return array || kind !== 'b' || !FREE.includes(type) ? undefined : text?.replaceAll("''", "'")
}
