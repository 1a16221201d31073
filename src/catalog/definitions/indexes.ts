import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface IndexDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  readonly table: Oid
  /** As SQL: `CREATE INDEX name ON public.users USING btree (name)`. */
  readonly definition: string
  /** False where its building failed half-way. */
  readonly valid: boolean
}

/** Those that uphold a constraint are left out, and those that partitions have from their parents. */
export async function listIndexes(database: Database): Promise<IndexDefinition[]> {
  return database.query<IndexDefinition>`
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           index.indrelid::text AS "table", -- the server would make one that the partitions do not have
           CASE WHEN relation.relkind = 'I' AND index.indisvalid
                THEN replace(pg_get_indexdef(index.indexrelid), ' ON ONLY ', ' ON ')
                ELSE pg_get_indexdef(index.indexrelid) END AS definition,
           index.indisvalid AS valid
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indexrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE NOT relation.relispartition
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS upheld
                      WHERE upheld.conindid = index.indexrelid AND upheld.contype IN ('p', 'u', 'x'))
    ORDER BY schema, name`
}
