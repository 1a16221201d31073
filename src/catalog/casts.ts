import type { Database } from '../database/database.ts'

/**
 * Whether PostgreSQL turns values of one type into the other by itself, as ALTER COLUMN TYPE without USING wants it:
 * https://www.postgresql.org/docs/current/catalog-pg-cast.html. Types as format_type writes them.
 */
export async function castsByItself(database: Database, from: string, to: string): Promise<boolean> {
  const [row] = await database.query<{ casts: boolean }>`
    WITH types AS (SELECT to_regtype(${from}) AS old, to_regtype(${to}) AS new)
    SELECT types.old IS NOT NULL AND types.new IS NOT NULL AND (
             types.old = types.new
             OR (SELECT typcategory = 'S' FROM pg_catalog.pg_type WHERE oid = types.new)
             OR EXISTS (SELECT FROM pg_catalog.pg_cast
                        WHERE castsource = types.old AND casttarget = types.new AND castcontext IN ('i', 'a'))
           ) AS casts
    FROM types`
  return row?.casts === true
}
