import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { RUNS_TABLE } from '../migrations/bookkeeping.ts'
import { INSTANT } from './instant.ts'

/** A run of `cleanup`, as it recorded itself. Instants are ISO 8601. */
export interface CleanupRun {
  readonly startedAt: string
  /** Null while it runs, and where it was killed. */
  readonly finishedAt: string | null
  readonly deleted: number
  readonly stoppedBy: string | null
}

/** The last run of a policy; nothing where there is none, or where our role may not look. */
export async function cleanupRuns(database: Database, schema: string, policy: string): Promise<CleanupRun[]> {
  const [table] = await database.query<{ readable: boolean }>`
    SELECT has_schema_privilege(namespace.oid, 'USAGE') AND has_table_privilege(relation.oid, 'SELECT') AS readable
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname = ${schema} AND relation.relname = ${RUNS_TABLE}`
  if (!table?.readable) return []
  return database.query<CleanupRun>`
    SELECT to_char(started_at AT TIME ZONE 'UTC', ${INSTANT}) AS "startedAt",
           to_char(finished_at AT TIME ZONE 'UTC', ${INSTANT}) AS "finishedAt",
           deleted::float8 AS deleted, stopped_by AS "stoppedBy"
    FROM ${identifier(database.sql, schema, RUNS_TABLE)}
    WHERE command = 'cleanup' AND policy = ${policy}
    ORDER BY id DESC
    LIMIT 1`
}
