import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

export interface TypeRow {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** The type that a domain is made of. */
  readonly base: Oid
  readonly baseModifier: number
  readonly element: Oid
  /** Whether it is a domain that forbids values. */
  readonly constrained: boolean
}

/** Tables and columns of a type. */
export interface TypeUseRow {
  readonly type: Oid
  readonly table: Oid
  readonly column: string
}

export interface FunctionRow {
  readonly name: string
  readonly volatile: boolean
  readonly system: boolean
}

export async function listTypes(database: Database): Promise<TypeRow[]> {
  return database.query<TypeRow>`
    SELECT type.oid::text AS oid, namespace.nspname AS schema, type.typname AS name,
           type.typbasetype::text AS base, type.typtypmod AS "baseModifier",
           CASE WHEN type.typcategory = 'A' THEN type.typelem::text ELSE '0' END AS element,
           type.typtype = 'd' AND (type.typnotnull OR EXISTS (
             SELECT FROM pg_catalog.pg_constraint AS condition WHERE condition.contypid = type.oid)) AS constrained
    FROM pg_catalog.pg_type AS type
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
    WHERE type.typtype <> 'c'`
}

export async function listTypeUses(database: Database, types: readonly string[]): Promise<TypeUseRow[]> {
  return database.query<TypeUseRow>`
    SELECT type.oid::text AS type, attribute.attrelid::text AS "table", attribute.attname AS "column"
    FROM pg_catalog.pg_type AS type
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.atttypid IN (type.oid, type.typarray)
    JOIN pg_catalog.pg_class AS relation ON relation.oid = attribute.attrelid
    WHERE type.typname IN (SELECT json_array_elements_text(${JSON.stringify(types)}::text::json))
      AND type.oid >= 16384 AND relation.relkind IN ('r', 'p', 'm', 'f') AND attribute.attnum > 0
      AND NOT attribute.attisdropped`
}

export async function listFunctions(
  database: Database,
  functions: readonly string[],
): Promise<FunctionRow[]> {
  return database.query<FunctionRow>`
    SELECT proname AS name, bool_or(provolatile = 'v') AS volatile, bool_and(oid < 16384) AS system
    FROM pg_catalog.pg_proc
    WHERE proname IN (SELECT json_array_elements_text(${JSON.stringify(functions)}::text::json))
    GROUP BY proname`
}

export async function listBinaryCasts(database: Database): Promise<string[]> {
  const rows = await database.query<{ pair: string }>`
    SELECT castsource || '>' || casttarget AS pair
    FROM pg_catalog.pg_cast
    WHERE castmethod = 'b'`
  return rows.map(({ pair }) => pair)
}
