import type { Database } from '../database/database.ts'

/** What a Drizzle schema can describe, as one database has it. Definitions are the server's own words. */
export interface CatalogEntity {
  readonly kind: CatalogKind
  /** Empty for schemas and roles. */
  readonly schema: string
  /** The table that it belongs to, or empty. */
  readonly table: string
  readonly name: string
  /** Two of one kind with equal facts are alike. */
  readonly facts: Readonly<Record<string, unknown>>
}

export type CatalogKind =
  | 'schemas'
  | 'roles'
  | 'tables'
  | 'columns'
  | 'pks'
  | 'uniques'
  | 'fks'
  | 'checks'
  | 'indexes'
  | 'enums'
  | 'sequences'
  | 'views'
  | 'policies'

/**
 * All of it in these schemas, in a fixed handful of queries (drizzle-kit: six for each table). What belongs to
 * extensions is left out, and partitions and foreign tables are. Names in definitions are qualified where the
 * session's search_path is empty.
 */
export async function describedObjects(
  database: Database,
  schemas: readonly string[],
): Promise<CatalogEntity[]> {
  const names = JSON.stringify(schemas)
  const groups: CatalogEntity[][] = []
  for (const read of [
    schemasAndRoles,
    tables,
    columns,
    constraints,
    indexes,
    types,
    sequences,
    views,
    policies,
  ])
    groups.push(await read(database, names))
  return groups.flat()
}

type Rows = Promise<CatalogEntity[]>

/** `json` is a list of names. A fragment, since so many queries need it. */
function within({ sql }: Database, json: string) {
  return sql`(SELECT json_array_elements_text(${json}::text::json))`
}

function belongsToExtension({ sql }: Database) {
  return sql`
    EXISTS (SELECT FROM pg_catalog.pg_depend AS member
            WHERE member.classid = 'pg_catalog.pg_class'::regclass AND member.objid = relation.oid
              AND member.deptype = 'e')`
}

/** A table that Drizzle can describe: no partition, nobody else's. */
function isTable(database: Database) {
  return database.sql`
    relation.relkind IN ('r', 'p') AND NOT relation.relispartition AND NOT ${belongsToExtension(database)}`
}

async function schemasAndRoles(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'schemas' AS kind, '' AS schema, '' AS "table", nspname AS name, json_build_object() AS facts
    FROM pg_catalog.pg_namespace
    WHERE nspname IN ${within(database, schemas)}
    UNION ALL
    SELECT 'roles', '', '', rolname,
           json_build_object('createDb', rolcreatedb, 'createRole', rolcreaterole, 'inherit', rolinherit)
    FROM pg_catalog.pg_roles
    WHERE rolname !~ '^pg_'`
}

async function tables(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'tables' AS kind, namespace.nspname AS schema, '' AS "table", relation.relname AS name,
           json_build_object('rls', relation.relrowsecurity) AS facts
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}`
}

async function columns(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'columns' AS kind, namespace.nspname AS schema, relation.relname AS "table", attribute.attname AS name,
           json_build_object(
             'type', format_type(attribute.atttypid, attribute.atttypmod),
             'enum', CASE WHEN element.typtype = 'e' THEN element.typname END,
             'enumSchema', CASE WHEN element.typtype = 'e' THEN place.nspname END,
             'dimensions', CASE WHEN type.typcategory = 'A' THEN greatest(attribute.attndims, 1) ELSE 0 END,
             'notNull', attribute.attnotnull,
             'serial', owned.oid IS NOT NULL AND attribute.attidentity = '' AND preset.oid IS NOT NULL,
             'default', CASE WHEN attribute.attgenerated = '' AND owned.oid IS NULL
                             THEN pg_get_expr(preset.adbin, preset.adrelid) END,
             'generated', CASE WHEN attribute.attgenerated <> ''
                               THEN json_build_object('kind', attribute.attgenerated,
                                                      'as', pg_get_expr(preset.adbin, preset.adrelid)) END,
             'identity', CASE WHEN attribute.attidentity <> '' THEN json_build_object(
                'always', attribute.attidentity = 'a', 'increment', sequence.seqincrement::text,
                'start', sequence.seqstart::text, 'min', sequence.seqmin::text, 'max', sequence.seqmax::text,
                'cache', sequence.seqcache::text, 'cycle', sequence.seqcycle) END
           ) AS facts
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    JOIN pg_catalog.pg_type AS element
      ON element.oid = CASE WHEN type.typcategory = 'A' THEN type.typelem ELSE type.oid END
    JOIN pg_catalog.pg_namespace AS place ON place.oid = element.typnamespace
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    LEFT JOIN LATERAL (
      -- the sequence of an identity, or of a serial: one that it owns and draws from
      SELECT held.objid AS oid
      FROM pg_catalog.pg_depend AS held
      WHERE held.refclassid = 'pg_catalog.pg_class'::regclass AND held.refobjid = relation.oid
        AND held.refobjsubid = attribute.attnum AND held.classid = 'pg_catalog.pg_class'::regclass
        AND (held.deptype = 'i' OR held.deptype = 'a' AND EXISTS (
               SELECT FROM pg_catalog.pg_depend AS drawn
               WHERE drawn.classid = 'pg_catalog.pg_attrdef'::regclass AND drawn.objid = preset.oid
                 AND drawn.refclassid = 'pg_catalog.pg_class'::regclass AND drawn.refobjid = held.objid))
      LIMIT 1
    ) AS owned ON true
    LEFT JOIN pg_catalog.pg_sequence AS sequence ON sequence.seqrelid = owned.oid
    WHERE namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}
    ORDER BY relation.oid, attribute.attnum`
}

async function constraints(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT CASE condition.contype WHEN 'p' THEN 'pks' WHEN 'u' THEN 'uniques' WHEN 'f' THEN 'fks' ELSE 'checks' END AS kind,
           namespace.nspname AS schema, relation.relname AS "table", condition.conname AS name,
           json_build_object(
             'definition', pg_get_constraintdef(condition.oid),
             'columns', (SELECT json_agg(attribute.attname ORDER BY place.position)
                         FROM unnest(condition.conkey) WITH ORDINALITY AS place (number, position)
                         JOIN pg_catalog.pg_attribute AS attribute
                           ON attribute.attrelid = condition.conrelid AND attribute.attnum = place.number)
           ) AS facts
    FROM pg_catalog.pg_constraint AS condition
    JOIN pg_catalog.pg_class AS relation ON relation.oid = condition.conrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE condition.contype IN ('p', 'u', 'f', 'c')
      AND namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}`
}

/** Those of constraints go with them, and those of a partition with its parent's. */
async function indexes(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'indexes' AS kind, namespace.nspname AS schema, relation.relname AS "table", made.relname AS name,
           json_build_object('definition', replace(pg_get_indexdef(index.indexrelid), ' ON ONLY ', ' ON '),
                             'valid', index.indisvalid) AS facts
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS made ON made.oid = index.indexrelid
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS condition
                      WHERE condition.conindid = index.indexrelid AND condition.contype IN ('p', 'u', 'x'))`
}

async function types(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'enums' AS kind, namespace.nspname AS schema, '' AS "table", type.typname AS name,
           json_build_object('values', (SELECT json_agg(enumlabel ORDER BY enumsortorder)
                                        FROM pg_catalog.pg_enum WHERE enumtypid = type.oid)) AS facts
    FROM pg_catalog.pg_type AS type
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
    WHERE type.typtype = 'e' AND namespace.nspname IN ${within(database, schemas)}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_type'::regclass AND member.objid = type.oid
                        AND member.deptype = 'e')`
}

/** Those of serial and identity columns go with them. */
async function sequences(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'sequences' AS kind, namespace.nspname AS schema, '' AS "table", relation.relname AS name,
           json_build_object('increment', sequence.seqincrement::text, 'start', sequence.seqstart::text,
                             'min', sequence.seqmin::text, 'max', sequence.seqmax::text,
                             'cache', sequence.seqcache::text, 'cycle', sequence.seqcycle) AS facts
    FROM pg_catalog.pg_sequence AS sequence
    JOIN pg_catalog.pg_class AS relation ON relation.oid = sequence.seqrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname IN ${within(database, schemas)}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS owned
                      WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = relation.oid
                        AND owned.deptype IN ('a', 'i', 'e'))`
}

async function views(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'views' AS kind, namespace.nspname AS schema, '' AS "table", relation.relname AS name,
           json_build_object('definition', pg_get_viewdef(relation.oid), 'materialized', relation.relkind = 'm',
                             'options', relation.reloptions) AS facts
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind IN ('v', 'm') AND namespace.nspname IN ${within(database, schemas)}
      AND NOT ${belongsToExtension(database)}`
}

const COMMANDS = { '*': 'ALL', r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' }

async function policies(database: Database, schemas: string): Rows {
  return database.query<CatalogEntity>`
    SELECT 'policies' AS kind, namespace.nspname AS schema, relation.relname AS "table", policy.polname AS name,
           json_build_object(
             'as', CASE WHEN policy.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
             'for', ${JSON.stringify(COMMANDS)}::text::json ->> policy.polcmd::text,
             'to', CASE WHEN policy.polroles = '{0}' THEN json_build_array('public') ELSE (
                     SELECT json_agg(rolname ORDER BY rolname) FROM pg_catalog.pg_roles
                     WHERE oid = ANY (policy.polroles)) END,
             'using', pg_get_expr(policy.polqual, policy.polrelid),
             'withCheck', pg_get_expr(policy.polwithcheck, policy.polrelid)) AS facts
    FROM pg_catalog.pg_policy AS policy
    JOIN pg_catalog.pg_class AS relation ON relation.oid = policy.polrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}`
}
