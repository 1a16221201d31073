import type { Database } from '../database/database.ts'
import { inScope, type Scope } from './scope.ts'
import { lockedRelations } from './unlocked.ts'

/** A sequence and what it fills, as the catalog tells them. Its numbers are text where they may be beyond 2^53. */
export interface ListedSequence {
  readonly schema: string
  readonly sequence: string
  /** The table and column that own it. */
  readonly tableSchema: string | null
  readonly table: string | null
  readonly column: string | null
  readonly type: string
  readonly increment: string
  readonly cycles: boolean
  /** The end of the sequence, or of its column's type if that comes first. */
  readonly ceiling: string
  readonly floor: string
  readonly readable: boolean
  /** Whether an index begins with the column, so that its furthest value is at hand. */
  readonly indexed: boolean
  /** Whether no two rows may share a value of the column, and whether it is the primary key. */
  readonly unique: boolean
  readonly primary: boolean
  /** Whether our role may read the column, and sees every row. */
  readonly columnReadable: boolean
  /** Somebody holds or wants the sequence, or the table, for themselves alone. */
  readonly locked: boolean
  readonly columnLocked: boolean
}

export async function listSequences(database: Database, scope: Scope): Promise<ListedSequence[]> {
  return database.query<ListedSequence>`
    WITH locked AS MATERIALIZED (${lockedRelations(database)})
    SELECT namespace.nspname AS schema, relation.relname AS sequence,
           owner_namespace.nspname AS "tableSchema", owner.relname AS "table", attribute.attname AS "column",
           format_type(coalesce(attribute.atttypid, sequence.seqtypid), NULL) AS type,
           sequence.seqincrement::text AS increment, sequence.seqcycle AS cycles,
           least(sequence.seqmax, bounds.high)::text AS ceiling, greatest(sequence.seqmin, bounds.low)::text AS floor,
           has_sequence_privilege(relation.oid, 'SELECT') AND has_schema_privilege(namespace.oid, 'USAGE') AS readable,
           coalesce(lead.indexed AND attribute.atttypid IN (20, 21, 23), false) AS indexed,
           coalesce(lead.unique, false) AS unique, coalesce(lead.primary, false) AS primary,
           coalesce(has_column_privilege(owner.oid, attribute.attnum, 'SELECT')
                    AND has_schema_privilege(owner_namespace.oid, 'USAGE')
                    AND NOT row_security_active(owner.oid)
                    AND (NOT pg_is_in_recovery() OR owner.relpersistence = 'p'), false) AS "columnReadable",
           relation.oid IN (SELECT relation FROM locked) AS locked,
           coalesce(owner.oid IN (SELECT relation FROM locked), false) AS "columnLocked"
    FROM pg_catalog.pg_sequence AS sequence
    JOIN pg_catalog.pg_class AS relation ON relation.oid = sequence.seqrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_depend AS owned
      ON owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = relation.oid
      AND owned.refclassid = 'pg_catalog.pg_class'::regclass AND owned.refobjsubid > 0 AND owned.deptype IN ('a', 'i')
    LEFT JOIN pg_catalog.pg_class AS owner ON owner.oid = owned.refobjid
    LEFT JOIN pg_catalog.pg_namespace AS owner_namespace ON owner_namespace.oid = owner.relnamespace
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = owned.refobjid AND attribute.attnum = owned.refobjsubid
    CROSS JOIN LATERAL (
      SELECT CASE attribute.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END AS high,
             CASE attribute.atttypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END AS low) AS bounds
    CROSS JOIN LATERAL (
      SELECT count(*) > 0 AS indexed, bool_or(index.indisunique AND index.indnkeyatts = 1) AS unique,
             bool_or(index.indisprimary) AS primary
      FROM pg_catalog.pg_index AS index
      JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
      JOIN pg_catalog.pg_am AS method ON method.oid = index_class.relam
      WHERE index.indrelid = owner.oid AND index.indkey[0] = attribute.attnum AND index.indisvalid
        AND index.indpred IS NULL AND method.amname = 'btree') AS lead
    WHERE ${inScope(database, scope)} AND (NOT pg_is_in_recovery() OR relation.relpersistence = 'p')
    ORDER BY schema, sequence`
}
