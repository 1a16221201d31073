import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

/** A standby of this server, a replication slot on it, or the primary that it follows. Lags in bytes and milliseconds. */
export interface ReplicationState {
  readonly kind: 'standby' | 'slot' | 'receiver'
  readonly name: string
  readonly state: string | null
  readonly sync: string | null
  /** What the other end has not replayed or confirmed; of a slot, the WAL that is kept for it. */
  readonly lagBytes: number | null
  readonly lagMs: number | null
  /** Of a slot: `reserved`, `extended`, `unreserved` or `lost`. */
  readonly walStatus: string | null
  readonly active: boolean | null
  /** Of a slot without a client (17). ISO 8601. */
  readonly inactiveSince: string | null
  readonly note: string | null
}

/**
 * A standby that replayed all that it received may still be far behind: only a running receiver makes its lag
 * mean anything, and without one it is null.
 */
export async function replicationStates(database: Database): Promise<ReplicationState[]> {
  return database.query<ReplicationState>`
    SELECT 'standby' AS kind, coalesce(nullif(standby.application_name, ''), host(standby.client_addr), standby.pid::text) AS name,
           standby.state, standby.sync_state AS sync,
           CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), standby.replay_lsn)
                ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), standby.replay_lsn) END::float8 AS "lagBytes",
           (extract(epoch FROM standby.replay_lag) * 1000)::float8 AS "lagMs",
           NULL AS "walStatus", NULL::bool AS active, NULL AS "inactiveSince", NULL AS note
    FROM pg_catalog.pg_stat_replication AS standby
    UNION ALL
    SELECT 'slot', slot.slot_name, slot.slot_type, NULL,
           CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), slot.restart_lsn)
                WHEN pg_last_wal_receive_lsn() IS NOT NULL
                  THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), slot.restart_lsn) END::float8,
           NULL, slot.wal_status, slot.active,
           to_char((to_jsonb(slot) ->> 'inactive_since')::timestamptz AT TIME ZONE 'UTC', ${INSTANT}),
           to_jsonb(slot) ->> 'invalidation_reason'
    FROM pg_catalog.pg_replication_slots AS slot
    UNION ALL
    SELECT 'receiver', coalesce(receiver.sender_host, 'primary'), coalesce(receiver.status, 'not running'), NULL,
           CASE WHEN receiver.pid IS NOT NULL THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) END::float8,
           CASE WHEN receiver.pid IS NULL THEN NULL
                WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                ELSE (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000) END::float8,
           NULL, receiver.pid IS NOT NULL, NULL,
           CASE WHEN pg_is_wal_replay_paused() THEN 'replay is paused' END
    FROM (SELECT WHERE pg_is_in_recovery()) AS standby
    LEFT JOIN pg_catalog.pg_stat_wal_receiver AS receiver ON true
    ORDER BY 1 DESC, 2`
}
