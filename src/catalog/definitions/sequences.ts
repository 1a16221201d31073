import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** Numbers are texts: they go beyond 2^53. */
export interface SequenceDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  readonly type: string
  readonly start: string
  readonly increment: string
  readonly minimum: string
  readonly maximum: string
  readonly cache: string
  readonly cycles: boolean
  readonly unlogged: boolean
  /** The table and column that own it. */
  readonly ownerTable: Oid | null
  readonly ownerColumn: string | null
  /** Whether it is an identity column's, and no object of its own. */
  readonly identity: boolean
}

export async function listSequences(database: Database): Promise<SequenceDefinition[]> {
  return database.query<SequenceDefinition>`
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           format_type(sequence.seqtypid, NULL) AS type, sequence.seqstart::text AS start,
           sequence.seqincrement::text AS increment, sequence.seqmin::text AS minimum,
           sequence.seqmax::text AS maximum, sequence.seqcache::text AS cache, sequence.seqcycle AS cycles,
           relation.relpersistence = 'u' AS unlogged, owner.refobjid::text AS "ownerTable",
           attribute.attname AS "ownerColumn", coalesce(owner.deptype = 'i', false) AS identity
    FROM pg_catalog.pg_sequence AS sequence
    JOIN pg_catalog.pg_class AS relation ON relation.oid = sequence.seqrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_depend AS owner
      ON owner.classid = 'pg_catalog.pg_class'::regclass AND owner.objid = relation.oid
      AND owner.refclassid = 'pg_catalog.pg_class'::regclass AND owner.refobjsubid > 0
      AND owner.deptype IN ('a', 'i')
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = owner.refobjid AND attribute.attnum = owner.refobjsubid
    WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_class'::regclass AND member.objid = relation.oid
                        AND member.deptype = 'e')
    ORDER BY schema, name`
}
