import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { estimatedBytes } from './estimated-bytes.ts'
import { inScope, ORDINARY } from './scope.ts'
import { lockedRelations } from './unlocked.ts'

/** A column of instants by which rows may expire. */
export interface ExpiringColumn {
  readonly schema: string
  readonly table: string
  readonly name: string
  /** Whether it is a timestamp without time zone, which Drizzle fills with UTC. */
  readonly naive: boolean
  readonly indexed: boolean
  /** Whether our role may SELECT it and sees every row. */
  readonly readable: boolean
  readonly locked: boolean
  readonly bytes: number
  /** As estimated; null where nobody has counted. */
  readonly rows: number | null
}

/** The columns of the tables and names, and those that are called by one of `usual` in any table. */
export async function expiringColumns(
  database: Database,
  tables: readonly string[],
  usual: readonly string[],
): Promise<ExpiringColumn[]> {
  return database.query<ExpiringColumn>`
    SELECT namespace.nspname AS schema, relation.relname AS "table", attribute.attname AS name,
           attribute.atttypid = 'pg_catalog.timestamp'::regtype AS naive,
           EXISTS (SELECT FROM pg_catalog.pg_index AS index
                   WHERE index.indrelid = relation.oid AND index.indkey[0] = attribute.attnum AND index.indisvalid)
             AS indexed,
           has_schema_privilege(namespace.oid, 'USAGE')
             AND has_column_privilege(relation.oid, attribute.attnum, 'SELECT')
             AND NOT row_security_active(relation.oid) AS readable,
           relation.oid IN (${lockedRelations(database)}) AS locked,
           ${estimatedBytes(database)} AS bytes,
           CASE WHEN relation.relkind = 'r'
             THEN nullif(greatest(relation.reltuples, pg_stat_get_live_tuples(relation.oid), -1), -1) END::float8 AS rows
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_class AS relation ON relation.oid = attribute.attrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind IN ('r', 'p') AND NOT relation.relispartition AND attribute.attnum > 0
      AND NOT attribute.attisdropped
      AND attribute.atttypid IN ('pg_catalog.timestamp'::regtype, 'pg_catalog.timestamptz'::regtype, 'pg_catalog.date'::regtype)
      AND (relation.relname IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json))
           OR attribute.attname IN (SELECT json_array_elements_text(${JSON.stringify(usual)}::text::json)))
      AND ${inScope(database, ORDINARY)}
    ORDER BY namespace.nspname, relation.relname, attribute.attnum`
}

/** How many seconds ago the first of the rows expired; null where there is none. An instant without zone is UTC's. */
export async function oldestExpiry(
  database: Database,
  { schema, table, name, naive }: ExpiringColumn,
): Promise<number | null> {
  const { sql } = database
  const [row] = await database.query<{ seconds: number | null }>`
    SELECT extract(epoch FROM ${nowFor(database, naive)} - min(${identifier(sql, name)}))::float8 AS seconds
    FROM ${identifier(sql, schema, table)}
    WHERE ${identifier(sql, name)} > '-infinity'`
  return row?.seconds ?? null
}

/** How many rows expired more than so many seconds ago, counted up to `limit`. */
export async function countExpired(
  database: Database,
  { schema, table, name, naive }: ExpiringColumn,
  seconds: number,
  limit: number,
): Promise<number> {
  const { sql } = database
  const [row] = await database.query<{ rows: number }>`
    SELECT count(*)::float8 AS rows
    FROM (SELECT FROM ${identifier(sql, schema, table)}
          WHERE ${identifier(sql, name)} < ${nowFor(database, naive)} - make_interval(secs => ${seconds}::float8)
          LIMIT ${limit}::int) AS expired`
  return row?.rows ?? 0
}

function nowFor({ sql }: Database, naive: boolean) {
  return naive ? sql`(now() AT TIME ZONE 'UTC')` : sql`now()`
}
