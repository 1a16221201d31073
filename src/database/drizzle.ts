import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { Database } from './database.ts'
import { observed } from './observed.ts'

/**
 * Drizzle ORM on the working connection. It changes the connection's type parsers for good (timestamps become
 * strings with their microseconds), so a command that asks for it reads instants as text.
 */
export function drizzleOn<Schema extends Record<string, unknown>>(
  database: Database,
  schema: Schema,
): PostgresJsDatabase<Schema> {
  return drizzle(observed(database.sql, database.answered), { schema })
}
