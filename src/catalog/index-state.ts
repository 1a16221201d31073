import type { Database } from '../database/database.ts'

/** An index as CREATE INDEX CONCURRENTLY may have left it. */
export interface IndexState {
  readonly schema: string
  readonly name: string
  readonly valid: boolean
  /** Somebody is building it right now. */
  readonly building: boolean
}

/** The index of this name on a table, whose name is written as SQL writes it. Undefined where there is none. */
export async function indexState(
  database: Database,
  table: string,
  index: string,
): Promise<IndexState | undefined> {
  const [found] = await database.query<IndexState>`
    SELECT namespace.nspname AS schema,
           relation.relname AS name,
           index.indisvalid AS valid,
           EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS progress
                   WHERE progress.index_relid = index.indexrelid) AS building
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE index.indrelid = to_regclass(${table}) AND relation.relname = ${index}`
  return found
}
