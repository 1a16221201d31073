import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/**
 * What JSON does to a column's values: `plain` ones come back the same, `array`s if their bounds are the usual,
 * `jsonb` but for JSON's null at the top, and `text` stands for all of which something would be lost.
 */
export type ColumnKind = 'plain' | 'array' | 'jsonb' | 'text'

export interface ColumnKindRow {
  readonly table: Oid
  readonly name: string
  /** As SQL spells it under the session's search_path: `character varying(32)`, `public.mood`. */
  readonly type: string
  readonly kind: ColumnKind
  readonly notNull: boolean
  /** Whether a row that leaves it out gets something else than NULL. */
  readonly preset: boolean
  /** Whether only OVERRIDING SYSTEM VALUE sets it. */
  readonly always: boolean
  /** pg_type.typcategory of the type, or of what a domain is made of. */
  readonly category: string
  /** Characters at most; null where there is no limit. */
  readonly length: number | null
  /** Whether it holds the number of a large object, by its type `lo`. */
  readonly largeObject: boolean
}

/** The columns of these tables that hold values of their own, in their order: generated ones are left out. */
export async function listColumnKinds(database: Database, tables: readonly Oid[]): Promise<ColumnKindRow[]> {
  return database.query<ColumnKindRow>`
    WITH RECURSIVE bases (domain, type) AS (
      SELECT oid, oid FROM pg_catalog.pg_type WHERE typtype <> 'd'
      UNION ALL
      SELECT domain.oid, bases.type
      FROM bases JOIN pg_catalog.pg_type AS domain ON domain.typbasetype = bases.domain AND domain.typtype = 'd'
    ), kinds AS (
      SELECT bases.domain AS oid,
             CASE WHEN type.oid = 'pg_catalog.jsonb'::regtype THEN 'jsonb'
                  WHEN type.oid = 'pg_catalog.json'::regtype OR type.typtype NOT IN ('b', 'e', 'r', 'm')
                    -- to_json takes what an extension offers in place of the text
                    OR EXISTS (SELECT FROM pg_catalog.pg_cast AS conversion
                               WHERE conversion.castsource = type.oid
                                 AND conversion.casttarget = 'pg_catalog.json'::regtype) THEN 'text'
                  WHEN type.typcategory <> 'A' THEN 'plain'
                  WHEN element.typarray = type.oid THEN 'array'
                  ELSE 'text' END AS kind,
             CASE WHEN element.typarray = type.oid THEN element.oid END AS element
      FROM bases
      JOIN pg_catalog.pg_type AS type ON type.oid = bases.type
      LEFT JOIN pg_catalog.pg_type AS element ON element.oid = type.typelem
    )
    SELECT attribute.attrelid::text AS "table", attribute.attname AS name,
           format_type(attribute.atttypid, attribute.atttypmod) AS type,
           CASE WHEN kinds.kind = 'array' AND inner_kinds.kind <> 'plain' THEN 'text' ELSE kinds.kind END AS kind,
           attribute.attnotnull OR type.typnotnull AS "notNull",
           attribute.atthasdef OR attribute.attidentity <> '' OR type.typdefault IS NOT NULL AS preset,
           attribute.attidentity = 'a' AS always,
           type.typcategory AS category,
           CASE WHEN coalesce(nullif(type.typbasetype, 0), type.oid) IN ('pg_catalog.varchar'::regtype, 'pg_catalog.bpchar'::regtype)
                THEN nullif(coalesce(nullif(attribute.atttypmod, -1), type.typtypmod), -1) - 4 END AS length,
           type.typname = 'lo' AS "largeObject"
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    JOIN kinds ON kinds.oid = attribute.atttypid
    LEFT JOIN kinds AS inner_kinds ON inner_kinds.oid = kinds.element
    WHERE attribute.attrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
    ORDER BY attribute.attrelid, attribute.attnum`
}
