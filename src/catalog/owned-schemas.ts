import type { Database } from '../database/database.ts'

/** Something that DROP takes by these words: `materialized view`, `public.totals`. */
export interface OwnedObject {
  readonly kind: string
  /** Qualified, and quoted where it must be. */
  readonly object: string
}

/** CASCADE takes along what depends on it; a schema goes only when it is empty. */
export function dropSql({ kind, object }: OwnedObject): string {
  const drop = `DROP ${kind === 'composite type' ? 'TYPE' : kind.toUpperCase()} IF EXISTS ${object}`
  return kind === 'schema' ? drop : `${drop} CASCADE`
}

/** What stands in a schema without being an object of its own. */
const NOT_DROPPED = ['extension', 'default acl', 'publication namespace', 'statistics object']

/**
 * Every object of the schemas but what belongs to extensions, and what goes with its column or type. What is in
 * a schema depends on it, and up to PostgreSQL 14 rows of the type p pin it: https://www.postgresql.org/docs/14/catalog-pg-depend.html
 */
export async function objectsIn(database: Database, schemas: readonly string[]): Promise<OwnedObject[]> {
  return database.query<OwnedObject>`
    SELECT DISTINCT identified.type AS kind, identified.identity AS object
    FROM pg_catalog.pg_namespace AS namespace
    JOIN pg_catalog.pg_depend AS inside
      ON inside.refclassid = 'pg_catalog.pg_namespace'::regclass AND inside.refobjid = namespace.oid AND inside.deptype = 'n'
    CROSS JOIN pg_catalog.pg_identify_object(inside.classid, inside.objid, 0) AS identified
    WHERE namespace.nspname IN (SELECT json_array_elements_text(${JSON.stringify(schemas)}::text::json))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = inside.classid AND member.objid = inside.objid
                        AND (member.deptype IN ('e', 'i') OR member.deptype = 'a' AND member.refobjsubid > 0))
      AND identified.type NOT IN (SELECT json_array_elements_text(${JSON.stringify(NOT_DROPPED)}::text::json))
    ORDER BY 1, 2`
}

/** What stands in other schemas, or in none, and would go if all of these schemas' own objects went. */
export async function dependentsOutside(
  database: Database,
  schemas: readonly string[],
): Promise<OwnedObject[]> {
  return database.query<OwnedObject>`
    WITH owned AS (
      SELECT inside.classid, inside.objid
      FROM pg_catalog.pg_namespace AS namespace
      JOIN pg_catalog.pg_depend AS inside
        ON inside.refclassid = 'pg_catalog.pg_namespace'::regclass AND inside.refobjid = namespace.oid AND inside.deptype = 'n'
      WHERE namespace.nspname IN (SELECT json_array_elements_text(${JSON.stringify(schemas)}::text::json))
        AND inside.classid <> 'pg_catalog.pg_extension'::regclass
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                        WHERE member.classid = inside.classid AND member.objid = inside.objid
                          AND member.deptype = 'e')
    ), parts AS (
      SELECT classid, objid FROM owned
      UNION
      -- what is made of an owned object: a table's row type, its indexes and constraints, an enum's array; but a
      -- partition is a table of its own, and a publication is somebody else's
      SELECT part.classid, part.objid
      FROM owned
      JOIN pg_catalog.pg_depend AS part
        ON part.refclassid = owned.classid AND part.refobjid = owned.objid AND part.deptype IN ('a', 'i')
      WHERE part.classid <> 'pg_catalog.pg_publication_rel'::regclass
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS relation
                        WHERE part.classid = 'pg_catalog.pg_class'::regclass AND relation.oid = part.objid
                          AND relation.relkind IN ('r', 'p', 'f', 'v', 'm'))
    ), users AS (
      SELECT DISTINCT needing.classid, needing.objid
      FROM parts
      JOIN pg_catalog.pg_depend AS needing
        ON needing.refclassid = parts.classid AND needing.refobjid = parts.objid
      WHERE needing.deptype <> 'p' AND (needing.classid, needing.objid) NOT IN (SELECT classid, objid FROM parts)
    ), located AS (
      -- a rule, constraint, default, trigger or policy belongs to its table
      SELECT users.*, coalesce(relation.relnamespace, type.typnamespace, routine.pronamespace) AS namespace,
             coalesce(holder.oid, 0) AS holder
      FROM users
      LEFT JOIN pg_catalog.pg_rewrite AS rule ON users.classid = 'pg_catalog.pg_rewrite'::regclass AND rule.oid = users.objid
      LEFT JOIN pg_catalog.pg_constraint AS condition
        ON users.classid = 'pg_catalog.pg_constraint'::regclass AND condition.oid = users.objid
      LEFT JOIN pg_catalog.pg_attrdef AS preset ON users.classid = 'pg_catalog.pg_attrdef'::regclass AND preset.oid = users.objid
      LEFT JOIN pg_catalog.pg_trigger AS trigger ON users.classid = 'pg_catalog.pg_trigger'::regclass AND trigger.oid = users.objid
      LEFT JOIN pg_catalog.pg_policy AS policy ON users.classid = 'pg_catalog.pg_policy'::regclass AND policy.oid = users.objid
      LEFT JOIN pg_catalog.pg_class AS holder
        ON holder.oid = coalesce(rule.ev_class, nullif(condition.conrelid, 0), preset.adrelid, trigger.tgrelid, policy.polrelid)
      LEFT JOIN pg_catalog.pg_class AS relation
        ON relation.oid = coalesce(holder.oid, CASE WHEN users.classid = 'pg_catalog.pg_class'::regclass THEN users.objid END)
      LEFT JOIN pg_catalog.pg_type AS type
        ON type.oid = coalesce(nullif(condition.contypid, 0), CASE WHEN users.classid = 'pg_catalog.pg_type'::regclass THEN users.objid END)
      LEFT JOIN pg_catalog.pg_proc AS routine ON users.classid = 'pg_catalog.pg_proc'::regclass AND routine.oid = users.objid
    )
    SELECT DISTINCT identified.type AS kind, identified.identity AS object
    FROM located
    LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = located.namespace
    CROSS JOIN pg_catalog.pg_identify_object(
      CASE WHEN located.holder = 0 THEN located.classid ELSE 'pg_catalog.pg_class'::regclass END,
      CASE WHEN located.holder = 0 THEN located.objid ELSE located.holder END, 0) AS identified
    WHERE coalesce(namespace.nspname, '') NOT IN (SELECT json_array_elements_text(${JSON.stringify(schemas)}::text::json))
      AND coalesce(namespace.nspname, '') !~ '^pg_toast'
    ORDER BY 1, 2`
}

/** Those of the tables that exist. */
export async function tablesNamed(
  database: Database,
  schema: string,
  tables: readonly string[],
): Promise<OwnedObject[]> {
  return database.query<OwnedObject>`
    SELECT identified.type AS kind, identified.identity AS object
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    CROSS JOIN pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, relation.oid, 0) AS identified
    WHERE namespace.nspname = ${schema}
      AND relation.relname IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json))
    ORDER BY 2`
}

/** Those of the schemas that exist. */
export async function schemasNamed(database: Database, schemas: readonly string[]): Promise<OwnedObject[]> {
  return database.query<OwnedObject>`
    SELECT 'schema' AS kind, quote_ident(nspname) AS object
    FROM pg_catalog.pg_namespace
    WHERE nspname IN (SELECT json_array_elements_text(${JSON.stringify(schemas)}::text::json))
    ORDER BY 2`
}

/** The extensions that live in these schemas. */
export async function extensionsIn(database: Database, schemas: readonly string[]): Promise<OwnedObject[]> {
  return database.query<OwnedObject>`
    SELECT 'extension' AS kind, quote_ident(extension.extname) AS object
    FROM pg_catalog.pg_extension AS extension
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = extension.extnamespace
    WHERE namespace.nspname IN (SELECT json_array_elements_text(${JSON.stringify(schemas)}::text::json))
    ORDER BY 2`
}
