import type { Database } from '../database/database.ts'
import { inScope, ORDINARY } from './scope.ts'

/** The tables that a crash empties and that no standby has. */
export async function unloggedTables(database: Database): Promise<{ schema: string; name: string }[]> {
  return database.query`
    SELECT namespace.nspname AS schema, relation.relname AS name
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relpersistence = 'u' AND relation.relkind = 'r' AND ${inScope(database, ORDINARY)}
    ORDER BY namespace.nspname, relation.relname`
}
