import type { Database } from '../database/database.ts'
import type { Oid } from './relations.ts'

/** How a relation looks to the session that asks, and what its transaction has done to it so far. */
export interface RelationState {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** pg_class.relkind */
  readonly kind: string
  readonly filenode: string
  /** Rows inserted, updated and deleted. */
  readonly touched: number
}

/** Those of the relations that there are, TOAST left out. */
export async function relationStates(
  database: Database,
  relations: readonly Oid[],
): Promise<RelationState[]> {
  return database.query<RelationState>`
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           relation.relkind AS kind, relation.relfilenode::text AS filenode,
           (pg_stat_get_xact_tuples_inserted(relation.oid) + pg_stat_get_xact_tuples_updated(relation.oid)
             + pg_stat_get_xact_tuples_deleted(relation.oid))::float8 AS touched
    FROM json_array_elements_text(${JSON.stringify(relations)}::text::json) AS wanted (oid)
    JOIN pg_catalog.pg_class AS relation ON relation.oid = wanted.oid::oid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind <> 't' AND namespace.nspname !~ '^pg_toast'`
}
