import type { Database } from '../../database/database.ts'
import type { CatalogEntity } from '../described.ts'
import { belongsToExtension, isTable, within } from './scope.ts'

export async function describedViews(database: Database, schemas: string): Promise<CatalogEntity[]> {
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

export async function describedPolicies(database: Database, schemas: string): Promise<CatalogEntity[]> {
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
