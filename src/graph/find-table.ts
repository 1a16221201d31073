import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'
import { type Graph, shortName, type Table } from './graph.ts'

/**
 * The table of that name, as people write it: `users`, `auth.users`, `public."we""ird T"`, or as it stands in the
 * catalog. `public` goes first where several schemas have it.
 * Throws OpsError `table-unknown` or `table-ambiguous`, exit 2.
 */
export function findTable({ tables }: Graph, name: string): Table {
  const exact = tables.filter(table => spellings(table).includes(name))
  const found = exact.filter(({ schema }) => schema === 'public').slice(0, 1)
  const [table, ...others] = found.length > 0 ? found : exact
  if (table && others.length === 0) return table
  if (table) {
    throw new OpsError({
      code: 'table-ambiguous',
      message: `Several tables are called ${name}: ${exact.map(({ title }) => title).join(', ')}.`,
      hint: 'Write the schema before it.',
      exit: 2,
    })
  }
  throw tableUnknown(name, tables)
}

/** Throws the nearest names along. */
export function tableUnknown(name: string, tables: readonly Table[]): OpsError {
  const names = tables.map(shortName)
  return new OpsError({
    code: 'table-unknown',
    message: `There is no table ${name}.`,
    hint: names.length > 0 ? suggestion(name, names) : 'This database has no tables yet.',
    exit: 2,
  })
}

function spellings(table: Table): string[] {
  const { schema, name, title } = table
  return [name, `${schema}.${name}`, title, shortName(table)]
}
