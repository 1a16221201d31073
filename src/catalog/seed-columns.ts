import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { listDrawnSequences } from './drawn-sequences.ts'
import type { Oid } from './relations.ts'

/** A column as a generator of values sees it: domains are looked through to what they are made of. */
interface SeedColumnRow {
  readonly table: Oid
  readonly name: string
  /** pg_type.typname of the base type, of an array that of its elements: `int4`, `varchar`. */
  readonly type: string
  /** pg_type.typtype: b base, e enum, r range, m multirange, c composite */
  readonly kind: string
  readonly array: boolean
  /** The type's own row in pg_class, where it is composite: its fields are columns as well. */
  readonly composite: Oid | null
  /** Characters or bits at most; of a vector its dimensions. */
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
  /** CHECKs of its domains, in which VALUE stands for the column. */
  readonly domainChecks: readonly string[]
}

export interface SeedColumn extends SeedColumnRow {
  /** The ascending sequence that it takes its numbers from, quoted. */
  readonly sequence: string | null
}

/** The columns of these tables that take values, in their order: generated ones are left out. */
export async function listSeedColumns(database: Database, tables: readonly Oid[]): Promise<SeedColumn[]> {
  const drawn = await listDrawnSequences(database, tables)
  return (await listColumns(database, tables)).map(column => {
    const found = drawn.find(
      each => each.table === column.table && each.column === column.name && !each.descending,
    )
    return { ...column, sequence: found ? quoted(found.schema, found.sequence) : null }
  })
}

function listColumns(database: Database, tables: readonly Oid[]): Promise<SeedColumnRow[]> {
  return database.query<SeedColumnRow>`
    WITH RECURSIVE bases (column_type, type, typmod, required, checks) AS (
      SELECT type.oid, type.oid, type.typtypmod, type.typnotnull, ARRAY[]::text[] COLLATE "C" FROM pg_catalog.pg_type AS type
      UNION ALL
      SELECT bases.column_type, domain.typbasetype, domain.typtypmod, bases.required OR domain.typnotnull,
             bases.checks || ARRAY(SELECT pg_get_expr(checked.conbin, 0) COLLATE "C" FROM pg_catalog.pg_constraint AS checked
                                   WHERE checked.contypid = domain.oid AND checked.contype = 'c')
      FROM bases JOIN pg_catalog.pg_type AS domain ON domain.oid = bases.type AND domain.typtype = 'd'
    )
    SELECT attribute.attrelid::text AS "table", attribute.attname AS name,
           base.typname AS type, base.typtype AS kind, bottom.typcategory = 'A' AND bottom.typelem <> 0 AS array,
           nullif(base.typrelid, 0)::text AS composite,
           CASE WHEN modifier.value > 0 AND base.typname IN ('varchar', 'bpchar') THEN modifier.value - 4
                WHEN modifier.value > 0 AND base.typname IN ('bit', 'varbit', 'vector', 'halfvec') THEN modifier.value END AS length,
           CASE WHEN modifier.value > 0 AND base.typname = 'numeric' THEN (modifier.value - 4) >> 16 END AS precision,
           CASE WHEN modifier.value > 0 AND base.typname = 'numeric' THEN (((modifier.value - 4) & 2047) # 1024) - 1024 END AS scale,
           coalesce((SELECT json_agg(label.enumlabel ORDER BY label.enumsortorder)
                     FROM pg_catalog.pg_enum AS label WHERE label.enumtypid = base.oid), '[]') AS labels,
           (SELECT subtype.typname FROM pg_catalog.pg_range AS range
            JOIN pg_catalog.pg_type AS subtype ON subtype.oid = range.rngsubtype
            WHERE base.oid IN (range.rngtypid, range.rngmultitypid)) AS subtype,
           attribute.attnotnull OR bases.required AS "notNull",
           attribute.attidentity <> '' AS identity,
           pg_get_expr(preset.adbin, preset.adrelid) AS preset,
           array_to_json(bases.checks || element.checks) AS "domainChecks"
    FROM pg_catalog.pg_attribute AS attribute
    JOIN bases ON bases.column_type = attribute.atttypid
    JOIN pg_catalog.pg_type AS bottom ON bottom.oid = bases.type AND bottom.typtype <> 'd'
    JOIN bases AS element
      ON element.column_type = CASE WHEN bottom.typcategory = 'A' AND bottom.typelem <> 0 THEN bottom.typelem ELSE bottom.oid END
    JOIN pg_catalog.pg_type AS base ON base.oid = element.type AND base.typtype <> 'd'
    CROSS JOIN LATERAL (
      SELECT coalesce(nullif(attribute.atttypmod, -1), nullif(bases.typmod, -1), element.typmod) AS value) AS modifier
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    WHERE attribute.attrelid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
    ORDER BY attribute.attrelid, attribute.attnum`
}
