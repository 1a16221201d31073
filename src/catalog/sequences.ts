import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** Where the sequences stand, by number; null for one that has not been used, or that we may not read. */
export async function sequencePositions(database: Database): Promise<Map<Oid, string | null>> {
  const rows = await database.query<{ oid: Oid; position: string | null }>`
    SELECT relation.oid::text AS oid, sequence.last_value::text AS position
    FROM pg_catalog.pg_sequences AS sequence
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.nspname = sequence.schemaname
    JOIN pg_catalog.pg_class AS relation
      ON relation.relnamespace = namespace.oid AND relation.relname = sequence.sequencename`
  return new Map(rows.map(({ oid, position }) => [oid, position]))
}
