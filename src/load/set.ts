import { literal } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { shortName } from '../graph/graph.ts'
import { suggestion } from '../suggestion.ts'
import type { Loading } from './state.ts'
import type { LoadColumn, LoadTable } from './tables.ts'

/** SQL for columns that get one value in all rows. */
export type Settings = (load: LoadTable, column: LoadColumn) => string | undefined

/** Reads `table.column=value`. Throws OpsError `set-invalid`, exit 2, naming the nearest column there is. */
export function parseSettings({ tables }: Loading, set: readonly string[]): Settings {
  const columns = tables
    .filter(({ matched }) => !matched)
    .flatMap(load =>
      load.columns.map(column => ({
        load,
        column,
        names: [shortName(load.table), load.table.title].map(name => `${name}.${column.name}`),
      })),
    )
  const found = set.map(text => {
    const cut = text.indexOf('=')
    const name = text.slice(0, cut)
    const each = columns.find(({ names }) => names.includes(name))
    if (cut < 1 || !each)
      throw invalid(
        text,
        columns.flatMap(({ names }) => names[0] ?? []),
      )
    return { ...each, value: `${literal(text.slice(cut + 1))}::${each.column.type}` }
  })
  return (load, column) => found.find(each => each.load === load && each.column === column)?.value
}

function invalid(text: string, names: readonly string[]): OpsError {
  const [column = ''] = text.split('=')
  return new OpsError({
    code: 'set-invalid',
    message: `--set ${column} names no column of the archive.`,
    hint: `Write --set table.column=value. ${suggestion(column, names)}`,
    exit: 2,
  })
}
