import type { Database } from '../database/database.ts'

/** Which relations a question is about. */
export interface Scope {
  /** Also the system's and those of extensions. */
  readonly everything: boolean
  /** Partitions by themselves; otherwise they count for the table at their root. */
  readonly partitions: boolean
}

/** The tables of applications, with a partitioned table and its partitions as one. */
export const ORDINARY: Scope = { everything: false, partitions: false }

/** Whether a pg_class called `relation` in a pg_namespace called `namespace` belongs to it. */
export function inScope({ sql }: Database, { everything }: Scope) {
  return sql`
    (${everything}::bool
     OR (namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
         -- all of them at once: asked for each relation this takes as long as the rest of a report
         AND relation.oid NOT IN (SELECT member.objid FROM pg_catalog.pg_depend AS member
                                  WHERE member.refclassid = 'pg_catalog.pg_extension'::regclass
                                    AND member.classid = 'pg_catalog.pg_class'::regclass AND member.deptype = 'e')))`
}

/** The number of the table that a row of pg_class called `relation` counts for. */
export function shownAs({ sql }: Database, { partitions }: Scope) {
  return sql`
    CASE WHEN relation.relispartition AND NOT ${partitions}::bool THEN pg_partition_root(relation.oid)::oid
         ELSE relation.oid END`
}
