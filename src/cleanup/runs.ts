import { relationExists } from '../catalog/relations-named.ts'
import { ordinarySchemas } from '../catalog/schemas.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { RUNS_TABLE } from '../migrations/bookkeeping.ts'
import type { Project } from '../project/project.ts'
import type { Cursor } from './statements.ts'

/** How far a run has come: what the next one needs to go on. */
export interface Place {
  /** The oid of the leaf that it is at. */
  readonly leaf: string
  readonly after: Cursor | null
  /** Where the deleted rows are written to, and how many bytes of it belong to committed batches. */
  readonly archive?: { readonly file: string; readonly bytes: number }
}

/** A run that is written down. */
export interface Run {
  readonly id: number
  readonly cutoff: string | null
  readonly place: Place | null
  readonly deleted: number
}

/** The runs of one policy in the run table. */
export interface Runs {
  readonly schema: string
  readonly policy: string
}

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
        stopped_by text
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

/** The newest run of a policy, if it has not come to its end. */
export async function openRun(database: Database, { schema, policy }: Runs): Promise<Run | undefined> {
  const [run] = await database.query<Run & { finished: boolean }>`
    SELECT id::float8 AS id, deleted::float8 AS deleted, cursor AS place, finished_at IS NOT NULL AS finished,
           to_char(cutoff AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS cutoff
    FROM ${identifier(database.sql, schema, RUNS_TABLE)}
    WHERE command = 'cleanup' AND policy = ${policy}
    ORDER BY id DESC LIMIT 1`
  return run && !run.finished ? run : undefined
}

export async function beginRun(
  database: Database,
  { schema, policy }: Runs,
  cutoff: string | null,
): Promise<Run> {
  const [row] = await database.query<{ id: number }>`
    INSERT INTO ${identifier(database.sql, schema, RUNS_TABLE)} (command, policy, cutoff)
    VALUES ('cleanup', ${policy}, ${cutoff}::text::timestamptz)
    RETURNING id::float8 AS id`
  return { id: row?.id ?? 0, cutoff, place: null, deleted: 0 }
}

/** Within the transaction of a batch: the place and the deletion are one. */
export async function saveRun(database: Database, { schema }: Runs, run: Run): Promise<void> {
  await database.query`
    UPDATE ${identifier(database.sql, schema, RUNS_TABLE)}
    SET cursor = ${JSON.stringify(run.place)}::text::jsonb, deleted = ${run.deleted}, stopped_by = NULL
    WHERE id = ${run.id}`
}

/** `stoppedBy` null is the end; anything else leaves the run to be resumed. */
export async function endRun(
  database: Database,
  { schema }: Runs,
  run: Run,
  stoppedBy: string | null,
): Promise<void> {
  await database.query`
    UPDATE ${identifier(database.sql, schema, RUNS_TABLE)}
    SET finished_at = CASE WHEN ${stoppedBy}::text IS NULL THEN clock_timestamp() END, stopped_by = ${stoppedBy}
    WHERE id = ${run.id}`
}
