import type { Database } from '../database/database.ts'

/**
 * Bytes of a `relation` and its partitions by pg_class, as they were at the last VACUUM or ANALYZE: the size
 * functions would wait behind an ALTER TABLE.
 */
export function estimatedBytes({ sql }: Database) {
  return sql`
    (current_setting('block_size')::float8 *
      CASE WHEN relation.relkind IN ('p', 'I')
        THEN (WITH RECURSIVE part (oid) AS (
                SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = relation.oid
                UNION
                SELECT inhrelid FROM pg_catalog.pg_inherits JOIN part ON inhparent = part.oid)
              SELECT coalesce(sum(leaf.relpages) FILTER (WHERE leaf.relpages > 0), 0)
              FROM part JOIN pg_catalog.pg_class AS leaf USING (oid))
        ELSE relation.relpages
      END)::float8`
}
