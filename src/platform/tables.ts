import { getTableName, is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'

/** Every column that a schema describes, as `table.column`. */
export function expectedColumns(schema: Record<string, unknown>): string[] {
  return Object.values(schema)
    .filter(value => is(value, PgTable))
    .flatMap(table => getTableConfig(table).columns.map(({ name }) => `${getTableName(table)}.${name}`))
}
