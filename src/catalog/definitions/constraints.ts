import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** A primary key, unique, foreign key, check or exclusion constraint, or a domain's check. */
export interface ConstraintDefinition {
  readonly oid: Oid
  readonly name: string
  /** pg_constraint.contype: p, u, f, c or x */
  readonly kind: string
  /** `0` for a domain's. */
  readonly table: Oid
  readonly domain: Oid
  /** The index that upholds it, or `0`. */
  readonly index: Oid
  /** As SQL, less NOT VALID and NOT ENFORCED: `CHECK ((price > 0))`. */
  readonly definition: string
  readonly validated: boolean
  /** Always true before PostgreSQL 18. */
  readonly enforced: boolean
  readonly columns: readonly string[] | null
}

/** Those that partitions and children have from their parents are left out, and so is NOT NULL, a column's own. */
export async function listConstraints(database: Database): Promise<ConstraintDefinition[]> {
  return database.query<ConstraintDefinition>`
    SELECT checked.oid::text AS oid, checked.conname AS name, checked.contype AS kind,
           checked.conrelid::text AS "table", checked.contypid::text AS domain, checked.conindid::text AS index,
           regexp_replace(pg_get_constraintdef(checked.oid), '( NOT VALID| NOT ENFORCED)+$', '') AS definition,
           checked.convalidated AS validated,
           coalesce((to_jsonb(checked) ->> 'conenforced')::boolean, true) AS enforced,
           (SELECT json_agg(attribute.attname)
            FROM pg_catalog.pg_attribute AS attribute
            WHERE attribute.attrelid = checked.conrelid AND attribute.attnum = ANY (checked.conkey)) AS columns
    FROM pg_catalog.pg_constraint AS checked
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = checked.connamespace
    WHERE checked.contype IN ('p', 'u', 'f', 'c', 'x') AND checked.conparentid = 0
      AND (checked.conislocal OR checked.contypid <> 0)
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
    ORDER BY checked.conrelid, checked.contypid, name`
}
