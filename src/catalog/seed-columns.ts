import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** A column as a generator of values sees it: domains are looked through to what they are made of. */
export interface SeedColumn {
  readonly table: Oid
  readonly name: string
  /** pg_type.typname of the base type, of an array that of its elements: `int4`, `varchar`. */
  readonly type: string
  /** pg_type.typtype: b base, e enum, r range, m multirange, c composite */
  readonly kind: string
  readonly array: boolean
  /** Whether the type belongs to an extension. */
  readonly extension: string | null
  /** Characters or bits at most. */
  readonly length: number | null
  /** Of numeric: digits in all, and behind the point. */
  readonly precision: number | null
  readonly scale: number | null
  /** Of an enum its labels in their order, of a range the type of its bounds. */
  readonly labels: readonly string[]
  readonly subtype: string | null
  readonly notNull: boolean
  readonly identity: boolean
  /** The default as SQL. */
  readonly preset: string | null
  /** The sequence that the default draws from, or the identity's. */
  readonly sequence: string | null
  /** CHECKs of its domains, in which VALUE stands for the column. */
  readonly domainChecks: readonly string[]
}

/** The columns of these tables that take values, in their order: generated ones are left out. */
export async function listSeedColumns(database: Database, tables: readonly Oid[]): Promise<SeedColumn[]> {
  return database.query<SeedColumn>`
    WITH RECURSIVE bases (column_type, type, typmod, checks) AS (
      SELECT type.oid, type.oid, type.typtypmod, ARRAY[]::text[] COLLATE "C" FROM pg_catalog.pg_type AS type
      UNION ALL
      SELECT bases.column_type, domain.typbasetype, domain.typtypmod,
             bases.checks || ARRAY(SELECT pg_get_expr(checked.conbin, 0) COLLATE "C" FROM pg_catalog.pg_constraint AS checked
                                   WHERE checked.contypid = domain.oid AND checked.contype = 'c')
      FROM bases JOIN pg_catalog.pg_type AS domain ON domain.oid = bases.type AND domain.typtype = 'd'
    )
    SELECT attribute.attrelid::text AS "table", attribute.attname AS name,
           base.typname AS type, base.typtype AS kind, bottom.typcategory = 'A' AND bottom.typelem <> 0 AS array,
           (SELECT extension.extname FROM pg_catalog.pg_depend AS member
            JOIN pg_catalog.pg_extension AS extension ON extension.oid = member.refobjid
            WHERE member.classid = 'pg_catalog.pg_type'::regclass AND member.objid = base.oid AND member.deptype = 'e') AS extension,
           CASE WHEN modifier.value > 0 AND base.typname IN ('varchar', 'bpchar') THEN modifier.value - 4
                WHEN modifier.value > 0 AND base.typname IN ('bit', 'varbit') THEN modifier.value END AS length,
           CASE WHEN modifier.value > 0 AND base.typname = 'numeric' THEN (modifier.value - 4) >> 16 END AS precision,
           CASE WHEN modifier.value > 0 AND base.typname = 'numeric' THEN (modifier.value - 4) & 2047 END AS scale,
           coalesce((SELECT json_agg(label.enumlabel ORDER BY label.enumsortorder)
                     FROM pg_catalog.pg_enum AS label WHERE label.enumtypid = base.oid), '[]') AS labels,
           (SELECT subtype.typname FROM pg_catalog.pg_range AS range
            JOIN pg_catalog.pg_type AS subtype ON subtype.oid = range.rngsubtype
            WHERE base.oid IN (range.rngtypid, range.rngmultitypid)) AS subtype,
           attribute.attnotnull OR type.typnotnull AS "notNull",
           attribute.attidentity <> '' AS identity,
           pg_get_expr(preset.adbin, preset.adrelid) AS preset,
           pg_get_serial_sequence(quote_ident(namespace.nspname) || '.' || quote_ident(relation.relname), attribute.attname) AS sequence,
           array_to_json(bases.checks) AS "domainChecks"
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_class AS relation ON relation.oid = attribute.attrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    JOIN bases ON bases.column_type = attribute.atttypid
    JOIN pg_catalog.pg_type AS bottom ON bottom.oid = bases.type AND bottom.typtype <> 'd'
    JOIN pg_catalog.pg_type AS base
      ON base.oid = CASE WHEN bottom.typcategory = 'A' AND bottom.typelem <> 0 THEN bottom.typelem ELSE bottom.oid END
    CROSS JOIN LATERAL (
      SELECT CASE WHEN attribute.atttypmod <> -1 THEN attribute.atttypmod ELSE bases.typmod END AS value) AS modifier
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    WHERE attribute.attrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
    ORDER BY attribute.attrelid, attribute.attnum`
}
