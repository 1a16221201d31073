import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** That one object of a catalog cannot be without another. */
export interface Dependency {
  /** The catalog that it is listed in, such as `pg_class`. */
  readonly catalog: string
  readonly oid: Oid
  /** A column's number, or 0. */
  readonly column: number
  readonly neededCatalog: string
  readonly neededOid: Oid
  readonly neededColumn: number
}

/**
 * What needs what among what people made. A rule counts as its view, a default as its column, an array as its
 * element and a row type as its table.
 */
export async function listDependencies(database: Database): Promise<Dependency[]> {
  return database.query<Dependency>`
    SELECT DISTINCT
           CASE WHEN preset.oid IS NOT NULL OR rule.rulename = '_RETURN' THEN 'pg_class'
                ELSE dependent.classid::regclass::text END AS catalog,
           coalesce(preset.adrelid, CASE WHEN rule.rulename = '_RETURN' THEN rule.ev_class END, dependent.objid)::text AS oid,
           coalesce(preset.adnum, dependent.objsubid)::int AS "column",
           CASE WHEN coalesce(element.typrelid, type.typrelid, 0) <> 0 THEN 'pg_class'
                ELSE dependent.refclassid::regclass::text END AS "neededCatalog",
           coalesce(nullif(coalesce(element.typrelid, type.typrelid), 0), element.oid, dependent.refobjid)::text AS "neededOid",
           dependent.refobjsubid::int AS "neededColumn"
    FROM pg_catalog.pg_depend AS dependent
    LEFT JOIN pg_catalog.pg_rewrite AS rule
      ON dependent.classid = 'pg_catalog.pg_rewrite'::regclass AND rule.oid = dependent.objid
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON dependent.classid = 'pg_catalog.pg_attrdef'::regclass AND preset.oid = dependent.objid
    LEFT JOIN pg_catalog.pg_type AS type
      ON dependent.refclassid = 'pg_catalog.pg_type'::regclass AND type.oid = dependent.refobjid
    LEFT JOIN pg_catalog.pg_type AS element
      ON type.typcategory = 'A' AND element.oid = type.typelem
    WHERE dependent.objid >= 16384 AND (dependent.refobjid >= 16384 OR dependent.refclassid = 'pg_catalog.pg_namespace'::regclass)
      AND dependent.deptype NOT IN ('e', 'x')`
}
