import type { Database } from '../database/database.ts'

/** What keeps VACUUM from removing dead rows. */
export interface XminHolder {
  readonly kind: 'session' | 'slot' | 'standby' | 'prepared transaction'
  /** A process id, or the name of a slot, a standby or a prepared transaction. */
  readonly holder: string
  /** Transactions that have begun since the oldest one that it must still see. */
  readonly xidAge: number
  readonly ageMs: number | null
}

/** The oldest first. Without pg_read_all_stats sessions of other roles and standbys are not among them. */
export async function xminHolders(database: Database): Promise<XminHolder[]> {
  return database.query<XminHolder>`
    SELECT 'session' AS kind, pid::text AS holder,
           greatest(age(backend_xmin), age(backend_xid)) AS "xidAge",
           (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS "ageMs"
    FROM pg_catalog.pg_stat_activity
    WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
      AND backend_type IS DISTINCT FROM 'walsender'
    UNION ALL
    SELECT 'slot', slot_name, greatest(age(xmin), age(catalog_xmin)), NULL
    FROM pg_catalog.pg_replication_slots
    WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
    UNION ALL
    SELECT 'standby', application_name, age(backend_xmin), NULL
    FROM pg_catalog.pg_stat_replication
    WHERE backend_xmin IS NOT NULL
    UNION ALL
    SELECT 'prepared transaction', gid, age(transaction),
           (extract(epoch FROM clock_timestamp() - prepared) * 1000)::float8
    FROM pg_catalog.pg_prepared_xacts
    ORDER BY "xidAge" DESC, kind, holder`
}
