import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** An enum, a domain, a composite type or a range. */
export interface TypeDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** pg_type.typtype: e, d, c or r */
  readonly kind: string
  /** The values of an enum in their order. */
  readonly values: readonly string[] | null
  /** What a domain is made of, or a range is a range of. */
  readonly base: string | null
  readonly notNull: boolean
  readonly default: string | null
  /** Quoted; null where it is the type's own. */
  readonly collation: string | null
  /** Where a composite type keeps its attributes. */
  readonly relation: Oid
}

export async function listTypes(database: Database): Promise<TypeDefinition[]> {
  return database.query<TypeDefinition>`
    SELECT type.oid::text AS oid, namespace.nspname AS schema, type.typname AS name, type.typtype AS kind,
           (SELECT json_agg(label.enumlabel ORDER BY label.enumsortorder)
            FROM pg_catalog.pg_enum AS label
            WHERE label.enumtypid = type.oid) AS "values",
           CASE type.typtype WHEN 'd' THEN format_type(type.typbasetype, type.typtypmod)
                             WHEN 'r' THEN format_type(range.rngsubtype, NULL) END AS base,
           type.typnotnull AS "notNull", type.typdefault AS "default",
           CASE WHEN type.typtype = 'd' AND type.typcollation <> base.typcollation
                THEN type.typcollation::regcollation::text END AS collation,
           type.typrelid::text AS relation
    FROM pg_catalog.pg_type AS type
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
    LEFT JOIN pg_catalog.pg_class AS relation ON relation.oid = type.typrelid
    LEFT JOIN pg_catalog.pg_type AS base ON base.oid = type.typbasetype
    LEFT JOIN pg_catalog.pg_range AS range ON range.rngtypid = type.oid
    WHERE (type.typtype IN ('e', 'd', 'r') OR relation.relkind = 'c')
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_type'::regclass AND member.objid = type.oid
                        AND member.deptype = 'e')
    ORDER BY schema, name`
}
