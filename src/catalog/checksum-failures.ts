import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'

export interface ChecksumFailures {
  /** Null for what all databases share. */
  readonly name: string | null
  readonly failures: number
  readonly last: string | null
}

/** The databases of the server with pages that did not match their checksums. */
export async function checksumFailures(database: Database): Promise<ChecksumFailures[]> {
  return database.query<ChecksumFailures>`
    SELECT datname AS name, checksum_failures::float8 AS failures,
           to_char(checksum_last_failure AT TIME ZONE 'UTC', ${INSTANT}) AS last
    FROM pg_catalog.pg_stat_database
    WHERE checksum_failures > 0
    ORDER BY datname NULLS FIRST`
}

export async function hasChecksums(database: Database): Promise<boolean> {
  const [row] = await database.query<{ on: boolean }>`
    SELECT current_setting('data_checksums') = 'on' AS on`
  return row?.on === true
}
