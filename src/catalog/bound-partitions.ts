import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** A partition without parts of its own that is, or is within, one that has foreign keys of its own. */
export interface BoundPartitionRow {
  /** The partitioned table that it is, in the end, a part of. */
  readonly table: Oid
  readonly partition: Oid
  /** SQL over the table's columns that is true of the partition's rows. */
  readonly condition: string
}

/** The partitions of these tables that refer to something where the whole table does not. */
export async function listBoundPartitions(
  database: Database,
  tables: readonly Oid[],
): Promise<BoundPartitionRow[]> {
  return database.query<BoundPartitionRow>`
    SELECT DISTINCT pg_partition_root(reference.conrelid)::oid::text AS "table", leaf.relid::oid::text AS partition,
           -- none where it is the default and the only one
           coalesce(pg_get_partition_constraintdef(leaf.relid), 'true') AS condition
    FROM pg_catalog.pg_constraint AS reference
    JOIN LATERAL pg_partition_tree(reference.conrelid) AS leaf ON leaf.isleaf
    WHERE reference.contype = 'f' AND reference.conparentid = 0
      AND pg_partition_root(reference.conrelid) <> reference.conrelid
      AND pg_partition_root(reference.conrelid)::oid
          IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
    ORDER BY 2`
}
