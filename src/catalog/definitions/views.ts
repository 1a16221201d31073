import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface ViewDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  readonly materialized: boolean
  /** The query, ending in a semicolon. */
  readonly query: string
  /** `security_invoker=true` */
  readonly options: readonly string[] | null
}

export async function listViews(database: Database): Promise<ViewDefinition[]> {
  return database.query<ViewDefinition>`
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           relation.relkind = 'm' AS materialized, pg_get_viewdef(relation.oid) AS query,
           (SELECT json_agg(option ORDER BY option) FROM unnest(relation.reloptions) AS option) AS options
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind IN ('v', 'm')
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_class'::regclass AND member.objid = relation.oid
                        AND member.deptype = 'e')
    ORDER BY schema, name`
}
