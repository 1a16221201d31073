import type { Database } from '../database/database.ts'
import { estimatedBytes } from './estimated-bytes.ts'
import { inScope, ORDINARY } from './scope.ts'

/** An index that no query uses, because building it did not come to an end. */
export interface InvalidIndex {
  readonly schema: string
  readonly table: string
  readonly name: string
  /** Every write keeps it up nevertheless. */
  readonly ready: boolean
  /** Somebody is building it right now. */
  readonly building: boolean
  readonly unique: boolean
  readonly bytes: number
}

/**
 * A role without pg_read_all_stats sees of another's progress only that there is some, but the lock that
 * CREATE INDEX CONCURRENTLY holds is everybody's to see.
 */
export async function invalidIndexes(database: Database): Promise<InvalidIndex[]> {
  return database.query<InvalidIndex>`
    SELECT namespace.nspname AS schema, parent.relname AS "table", relation.relname AS name,
           index.indisready AS ready, index.indisunique AS unique,
           EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS progress
                   JOIN pg_catalog.pg_locks AS held ON held.pid = progress.pid
                   WHERE progress.datname = current_database() AND held.granted
                     AND held.mode = 'ShareUpdateExclusiveLock' AND held.relation = index.indrelid) AS building,
           ${estimatedBytes(database)} AS bytes
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
    JOIN pg_catalog.pg_class AS parent ON parent.oid = index.indrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE NOT index.indisvalid AND relation.relkind = 'i' AND ${inScope(database, ORDINARY)}
    ORDER BY namespace.nspname, relation.relname`
}
