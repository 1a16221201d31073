import type { Database } from '../database/database.ts'

export interface Setting {
  readonly name: string
  /** In the unit, as the server notes it. */
  readonly value: string
  readonly unit: string | null
  readonly usual: string | null
  /** `default`, `configuration file`, `database`, `user`, … */
  readonly source: string
  /** Changed in a file, and waiting for a restart. */
  readonly pendingRestart: boolean
  readonly category: string
  readonly description: string
}

/** Those of our own session, which the connection itself sets, are as it found them. */
export async function allSettings(database: Database): Promise<Setting[]> {
  return database.query<Setting>`
    SELECT name, reset_val AS value, unit, boot_val AS usual, CASE WHEN source IN ('session', 'client') THEN 'default' ELSE source END AS source,
           pending_restart AS "pendingRestart", category, short_desc AS description
    FROM pg_catalog.pg_settings
    ORDER BY name`
}
