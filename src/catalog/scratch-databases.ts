import type { Sql } from '../database/connect.ts'
import type { Database } from '../database/database.ts'

/** Whether our role may make databases on this server. */
export async function mayCreateDatabases(database: Database): Promise<boolean> {
  const [row] = await database.query<{ allowed: boolean }>`
    SELECT rolcreatedb OR rolsuper AS allowed
    FROM pg_catalog.pg_roles
    WHERE rolname = current_user`
  return row?.allowed === true
}

/** Our role's databases of these names at which nobody is at work: neither in them nor in their own name. */
export async function abandonedDatabases(sql: Sql, prefix: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT datname AS name
    FROM pg_catalog.pg_database
    WHERE starts_with(datname, ${prefix}) AND pg_get_userbyid(datdba) = current_user
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS session
                      WHERE session.datname = pg_database.datname
                         OR session.application_name = 'drizzle-ops ' || pg_database.datname)`
  return rows.map(({ name }) => name)
}

/** The names of the roles, less those that PostgreSQL brings. */
export async function listRoles(database: Database): Promise<string[]> {
  const rows = await database.query<{ name: string }>`
    SELECT rolname AS name
    FROM pg_catalog.pg_roles
    WHERE rolname !~ '^pg_'
    ORDER BY rolname`
  return rows.map(({ name }) => name)
}

/** What tells one database from all others: when its server started, and its number there. */
export async function databaseMark(database: Database): Promise<string> {
  const [row] = await database.query<{ mark: string }>`
    SELECT pg_postmaster_start_time() || ' ' || oid AS mark
    FROM pg_catalog.pg_database
    WHERE datname = current_database()`
  return row?.mark ?? ''
}
