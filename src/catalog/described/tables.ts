import type { Database } from '../../database/database.ts'
import type { CatalogEntity } from '../described.ts'
import { isTable, within } from './scope.ts'

export async function describedNamespaces(database: Database, schemas: string): Promise<CatalogEntity[]> {
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

export async function describedTables(database: Database, schemas: string): Promise<CatalogEntity[]> {
  return database.query<CatalogEntity>`
    SELECT 'tables' AS kind, namespace.nspname AS schema, '' AS "table", relation.relname AS name,
           json_build_object('rls', relation.relrowsecurity) AS facts
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}`
}
