import type { Database } from '../database/database.ts'
import { inScope, ORDINARY } from './scope.ts'

/** The columns of type timestamp without time zone. */
export async function naiveTimestamps(
  database: Database,
): Promise<{ schema: string; table: string; column: string }[]> {
  return database.query`
    SELECT namespace.nspname AS schema, relation.relname AS "table", attribute.attname AS column
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_class AS relation ON relation.oid = attribute.attrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE attribute.atttypid = 'pg_catalog.timestamp'::regtype AND attribute.attnum > 0
      AND NOT attribute.attisdropped AND relation.relkind IN ('r', 'p') AND NOT relation.relispartition
      AND ${inScope(database, ORDINARY)}
    ORDER BY namespace.nspname, relation.relname, attribute.attnum`
}
