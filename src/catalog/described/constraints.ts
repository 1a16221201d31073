import type { Database } from '../../database/database.ts'
import type { CatalogEntity } from '../described.ts'
import { isTable, within } from './scope.ts'

export async function describedConstraints(database: Database, schemas: string): Promise<CatalogEntity[]> {
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
export async function describedIndexes(database: Database, schemas: string): Promise<CatalogEntity[]> {
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
