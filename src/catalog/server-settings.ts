import type { Database } from '../database/database.ts'

export interface ServerSetting {
  readonly name: string
  /** What a new session of this role in this database gets. */
  readonly value: string
  /** Changed in a file, and waiting for a restart. */
  readonly pendingRestart: boolean
}

/** The settings of these names, and all that wait for a restart. */
export async function serverSettings(database: Database, names: readonly string[]): Promise<ServerSetting[]> {
  return database.query<ServerSetting>`
    SELECT name, reset_val AS value, pending_restart AS "pendingRestart"
    FROM pg_catalog.pg_settings
    WHERE pending_restart OR name IN (SELECT json_array_elements_text(${JSON.stringify(names)}::text::json))
    ORDER BY name`
}

/** A collation whose rules are another version's than those that its indexes were built by. */
export interface StaleCollation {
  /** Null for the database's own. */
  readonly name: string | null
  readonly recorded: string
  readonly actual: string
}

/** From PostgreSQL 15 on the database's own as well. https://www.postgresql.org/docs/current/sql-altercollation.html */
export async function staleCollations(database: Database): Promise<StaleCollation[]> {
  const own = database.server.versionNumber >= 150_000
  return database.query<StaleCollation>`
    SELECT name, recorded, actual FROM (
      SELECT quote_ident(namespace.nspname) || '.' || quote_ident(rules.collname) AS name,
             rules.collversion AS recorded, pg_collation_actual_version(rules.oid) AS actual
      FROM pg_catalog.pg_collation AS rules
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = rules.collnamespace
      WHERE rules.collversion IS NOT NULL
        AND EXISTS (SELECT FROM pg_catalog.pg_depend AS used
                    WHERE used.refclassid = 'pg_catalog.pg_collation'::regclass AND used.refobjid = rules.oid)
      ${
        own
          ? database.sql`
      UNION ALL
      SELECT NULL, datcollversion, pg_database_collation_actual_version(oid)
      FROM pg_catalog.pg_database
      WHERE datname = current_database()`
          : database.sql``
      }) AS versioned
    WHERE recorded <> actual
    ORDER BY name NULLS FIRST`
}
