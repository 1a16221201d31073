import { relationExists } from '../catalog/relations-named.ts'
import { ordinarySchemas } from '../catalog/schemas.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { RUNS_TABLE } from '../migrations/bookkeeping.ts'
import type { Project } from '../project/project.ts'

/**
 * Makes the table where it is missing. False where the role may not, or may not write to it: then the lock alone
 * guards, and nothing is resumed.
 */
export async function ensureRunsTable(
  database: Database,
  { migrationsTable: { schema } }: Project,
): Promise<boolean> {
  if (await relationExists(database, schema, RUNS_TABLE)) return mayWrite(database, schema)
  try {
    // IF NOT EXISTS asks for CREATE on the database even where the schema exists
    if (!(await ordinarySchemas(database)).includes(schema))
      await database.query`CREATE SCHEMA IF NOT EXISTS ${identifier(database.sql, schema)}`
    await database.query`
      CREATE TABLE IF NOT EXISTS ${identifier(database.sql, schema, RUNS_TABLE)} (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        command text NOT NULL,
        policy text NOT NULL,
        cutoff timestamp with time zone,
        cursor jsonb,
        deleted bigint NOT NULL DEFAULT 0,
        started_at timestamp with time zone NOT NULL DEFAULT now(),
        finished_at timestamp with time zone,
        stopped_by text,
        holder text,
        leased_until timestamp with time zone
      )`
    return true
  } catch (error) {
    if (error instanceof OpsError && error.sqlstate === '42501') return false
    throw error
  }
}

async function mayWrite(database: Database, schema: string): Promise<boolean> {
  const [row] = await database.query<{ may: boolean }>`
    SELECT has_schema_privilege(namespace.oid, 'USAGE')
       AND (SELECT bool_and(has_table_privilege(relation.oid, privilege))
            FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS privilege) AS may
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname = ${schema} AND relation.relname = ${RUNS_TABLE}`
  return row?.may === true
}
