import type { SeedValues } from '../config.ts'
import { OpsError } from '../errors.ts'
import type { Table } from '../graph/graph.ts'
import type { Project } from '../project/project.ts'
import { suggestion } from '../suggestion.ts'
import { type Cell, textual } from './cells/cell.ts'
import { sourceOf } from './cells/random.ts'
import { isCalled } from './choose.ts'
import { numberIn } from './constants.ts'
import type { SeedModel } from './model.ts'

/**
 * The columns whose values the config gives, table by table. Throws OpsError `seed-column`, exit 2, for a name that
 * the database does not know.
 */
export function overridesOf(
  project: Project | undefined,
  { tables }: SeedModel,
  seed: string,
  now: number,
): (table: Table) => ReadonlyMap<string, Cell> {
  const written = Object.entries(project?.ops.seed?.columns ?? {})
  for (const [name] of written) {
    const known = tables.flatMap(({ table, columns }) =>
      columns.map(column => `${table.name}.${column.name}`),
    )
    if (!tables.some(({ table, columns }) => columns.some(column => isNamed(table, column.name, name))))
      throw new OpsError({
        code: 'seed-column',
        message: `ops.seed.columns gives values to ${name}, and there is no such column.`,
        hint: suggestion(name, known),
        exit: 2,
      })
  }
  return table =>
    new Map(
      tables
        .filter(each => each.table === table)
        .flatMap(({ columns }) =>
          columns.flatMap(({ name }): [string, Cell][] => {
            const found = written.find(([key]) => isNamed(table, name, key))
            return found ? [[name, cellOf(found[1] as SeedValues, seed, found[0], now)]] : []
          }),
        ),
    )
}

function isNamed(table: Table, column: string, written: string): boolean {
  const at = written.lastIndexOf('.')
  return written.slice(at + 1) === column && isCalled(table, written.slice(0, at))
}

function cellOf(given: SeedValues, seed: string, name: string, now: number): Cell {
  const source = sourceOf(seed, 'ops.seed', name)
  if (typeof given === 'function') {
    const present = new Date(now)
    const value = (row: number) => given(row, { now: present, random: draw => source.share(row, draw) })
    return { text: row => textOf(value(row)), number: row => numberOf(value(row)) }
  }
  if (Array.isArray(given)) {
    return { text: row => textOf(given[source.below(row, given.length)]) }
  }
  const text = textOf(given)
  return text === null ? { text: () => null } : textual(() => text)
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** NaN for what is neither a number nor an instant. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (value instanceof Date) return value.getTime()
  return (typeof value === 'string' ? numberIn(value) : undefined) ?? Number.NaN
}
