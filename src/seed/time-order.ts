import type { SeedColumn } from '../catalog/seed-columns.ts'
import type { Cell } from './cells/cell.ts'
import { ENDS, type Setting } from './cells/column-cell.ts'
import { INSTANTS } from './cells/instants.ts'
import { type Source, sourceOf } from './cells/random.ts'
import { stepped } from './cells/ranges.ts'
import type { SeedTable } from './model.ts'
import type { TableRules } from './rules.ts'

const UPDATED =
  /(updated|modified|changed|last_[a-z_]+|finished|ended|completed|published|deployed)(_at|_on|At)?$/i
const CREATED = /(created|inserted|started|registered|joined)(_at|_on|At)?$/i

/** Two columns of which an exclusion constraint makes a period: those of no two rows may overlap. */
export function addPeriods(
  { seed, now }: Setting,
  { table, columns, exclusions }: SeedTable,
  cells: Map<string, Cell>,
) {
  for (const { parts, columns: names } of exclusions) {
    const period = parts.find(({ sql }) => sql.includes('range('))
    if (!period) continue
    const ends = columns
      .filter(({ name }) => names.includes(name) && period.sql.includes(name))
      .toSorted((one, other) => period.sql.indexOf(one.name) - period.sql.indexOf(other.name))
    for (const [end, { name, type, length, precision, scale }] of ends.slice(0, 2).entries()) {
      const source = sourceOf(seed, table.title, name)
      const making = { source, limits: {}, distinct: false, length, precision, scale, now }
      cells.set(name, stepped(type, making, end === 0 ? 0 : 1))
    }
  }
}

export function addFollowers(
  { seed, now }: Setting,
  { table, columns, exclusions }: SeedTable,
  { below }: TableRules,
  distinct: ReadonlySet<string>,
  cells: Map<string, Cell>,
): void {
  const periods = exclusions.flatMap(exclusion => exclusion.columns)
  const pairs = [
    ...[...followers(columns)].map(([upper, lower]) => ({ upper, lower, until: now as number | undefined })),
    ...below.map(({ lower, upper }) => ({ upper, lower, until: undefined })),
  ]
  for (const { upper, lower, until } of pairs.filter(({ upper }) => !periods.includes(upper))) {
    const cell = cells.get(upper)
    const start = cells.get(lower)
    if (cell && start && !distinct.has(upper))
      cells.set(upper, following(cell, start, sourceOf(seed, table.title, upper, 'after'), until))
  }
}

/** Which column of a table each follows in time: `updated_at` comes after `created_at`. */
function followers(columns: readonly SeedColumn[]): ReadonlyMap<string, string> {
  const first = createdIn(columns)
  if (!first) return new Map()
  return new Map(
    columns
      .filter(column => isInstant(column) && column !== first)
      .filter(({ name }) => UPDATED.test(name) || ENDS.test(name))
      .map(({ name }) => [name, first.name]),
  )
}

/** The column that tells when a row came into being. */
export function createdIn(columns: readonly SeedColumn[]): SeedColumn | undefined {
  return columns.find(column => isInstant(column) && CREATED.test(column.name))
}

function isInstant({ type, array }: SeedColumn): boolean {
  return INSTANTS.includes(type) && !array
}

/** Instants are beyond 2001 in milliseconds: the second then lies minutes behind the first. */
const BEYOND = (from: number) => (from > 1e12 ? 60_000 * 30 : 1)

/** A cell whose values come after another's: between it and now, or a little beyond it where it is no instant. */
function following(cell: Cell, lower: Cell, source: Source, now: number | undefined): Cell {
  const { print, number: own, isNull } = cell
  const start = lower.number
  if (!print || !own || !start) return cell
  const number = (row: number) => {
    const from = start(row)
    if (Number.isNaN(from)) return own(row)
    return now === undefined
      ? from + BEYOND(from) * (source.below(row, 100, 7) + 1)
      : from + Math.max(0, now - from) * source.share(row, 7)
  }
  return { ...cell, number, text: row => (isNull?.(row) ? null : print(number(row))) }
}

/** Lets no row come into being before those that it points to: what would, does so between them and now. */
export function addParentsTime(
  { seed, now }: Setting,
  { table, columns, exclusions }: SeedTable,
  { limits, routes }: TableRules,
  distinct: ReadonlySet<string>,
  parents: readonly ((row: number) => number | undefined)[],
  cells: Map<string, Cell>,
): void {
  const column = createdIn(columns)
  if (!column || column.type === 'date' || parents.length === 0) return
  const { name } = column
  const cell = cells.get(name)
  if (!cell?.print || !cell.number) return
  const { print, number: own, isNull } = cell
  const isBound = distinct.has(name) || limits.has(name) || routes.some(route => route.has(name))
  if (isBound || exclusions.some(each => each.columns.includes(name))) return
  const source = sourceOf(seed, table.title, name, 'after parents')
  const number = (row: number) => {
    let least = Number.NEGATIVE_INFINITY
    for (const parent of parents) least = Math.max(least, parent(row) ?? least)
    const usual = own(row)
    return usual >= least ? usual : least + Math.max(0, now - least) * source.share(row)
  }
  cells.set(name, { ...cell, number, text: row => (isNull?.(row) ? null : print(number(row))) })
}
