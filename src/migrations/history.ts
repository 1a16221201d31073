import type { Database } from '../database/database.ts'
import { identifier, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'

/** Where drizzle records what was applied. */
export interface HistoryTable {
  readonly schema: string
  readonly table: string
}

/** Drizzle's table: none yet, the 0.x shape (id, hash, created_at), or the 1.0 shape with name and applied_at. */
export type HistoryShape = 'none' | '0.x' | '1.0'

/** One row of drizzle's table. */
export interface HistoryRow {
  readonly id: number
  readonly hash: string
  /** Milliseconds since 1970: when the migration was made, not when it ran. */
  readonly createdAt: number | null
  /** The folder's name, in the 1.0 shape. */
  readonly name: string | null
  /** ISO 8601, in the 1.0 shape. */
  readonly appliedAt: string | null
}

export interface History {
  readonly shape: HistoryShape
  readonly schemaExists: boolean
  readonly rows: readonly HistoryRow[]
}

/** Reads drizzle's table. Needs no right but SELECT on it, and works where it does not exist yet. */
export async function readHistory(database: Database, table: HistoryTable): Promise<History> {
  const { schemaExists, columns } = await describeTable(database, table)
  if (columns === null) return { shape: 'none', schemaExists, rows: [] }
  const shape = columns.includes('name') ? '1.0' : '0.x'
  try {
    const rows = shape === '1.0' ? await readRows(database, table) : await readOldRows(database, table)
    return { shape, schemaExists, rows }
  } catch (error) {
    throw denied(error, database, table, 'read')
  }
}

/** The server's own words name neither the schema of the table nor all that is missing. */
export function denied(
  error: unknown,
  { identity }: Database,
  { schema, table }: HistoryTable,
  verb: 'read' | 'write',
): unknown {
  if (!(error instanceof OpsError) || error.code !== 'permission-denied') return error
  const grantee = quoted(identity.user)
  const namespace = quoted(schema)
  const relation = `${namespace}.${quoted(table)}`
  const grants =
    verb === 'read'
      ? [`SELECT ON ${relation}`]
      : [`SELECT, INSERT ON ${relation}`, `USAGE ON SEQUENCE ${namespace}.${quoted(`${table}_id_seq`)}`]
  const statements = [`USAGE ON SCHEMA ${namespace}`, ...grants].map(grant => `GRANT ${grant} TO ${grantee}`)
  return new OpsError({
    code: error.code,
    message: `${identity.user} may not ${verb} drizzle's history, ${schema}.${table}.`,
    hint: `As its owner: ${statements.join('; ')}.`,
    sqlstate: error.sqlstate,
    cause: error,
  })
}

/** From the catalog itself: to_regclass raises where the role may not use the schema. */
async function describeTable(database: Database, { schema, table }: HistoryTable) {
  const [found] = await database.query<{ schemaExists: boolean; columns: string[] | null }>`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${schema}) AS "schemaExists",
           (SELECT json_agg(attribute.attname)
            FROM pg_catalog.pg_class AS relation
            JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
            JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = relation.oid
            WHERE namespace.nspname = ${schema} AND relation.relname = ${table}
              AND attribute.attnum > 0 AND NOT attribute.attisdropped) AS columns`
  return found ?? { schemaExists: false, columns: null }
}

async function readRows(database: Database, { schema, table }: HistoryTable): Promise<HistoryRow[]> {
  return database.query<HistoryRow>`
    SELECT id, hash, created_at::float8 AS "createdAt", name,
           to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt"
    FROM ${identifier(database.sql, schema, table)}
    ORDER BY id`
}

async function readOldRows(database: Database, { schema, table }: HistoryTable): Promise<HistoryRow[]> {
  return database.query<HistoryRow>`
    SELECT id, hash, created_at::float8 AS "createdAt", NULL AS name, NULL AS "appliedAt"
    FROM ${identifier(database.sql, schema, table)}
    ORDER BY id`
}
