import type { Database } from '../database/database.ts'

/** The constraints that wait for COMMIT unless they are told otherwise, as names that SQL takes. */
export async function deferredConstraints(database: Database): Promise<string[]> {
  const rows = await database.query<{ name: string }>`
    SELECT DISTINCT format('%I.%I', namespace.nspname, deferred.conname) AS name
    FROM pg_catalog.pg_constraint AS deferred
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = deferred.connamespace
    WHERE deferred.condeferred`
  return rows.map(({ name }) => name)
}
