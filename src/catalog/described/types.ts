import type { Database } from '../../database/database.ts'
import type { CatalogEntity } from '../described.ts'
import { within } from './scope.ts'

export async function describedEnums(database: Database, schemas: string): Promise<CatalogEntity[]> {
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
export async function describedSequences(database: Database, schemas: string): Promise<CatalogEntity[]> {
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
