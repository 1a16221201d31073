import type { Database } from '../database/database.ts'

/**
 * Connections in use and those that an ordinary role can have. pg_stat_database is readable by everyone and
 * counts no background workers; reserved_connections exists from PostgreSQL 16 on.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html
 */
export async function connectionUse(database: Database): Promise<{ used: number; usable: number }> {
  const [row] = await database.query<{ used: number; usable: number }>`
    SELECT sum(numbackends)::int AS used,
           current_setting('max_connections')::int
             - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true)::int, 0) AS usable
    FROM pg_catalog.pg_stat_database`
  return row ?? { used: 0, usable: 1 }
}
