import type { Database } from '../database/database.ts'

/** A published table whose updates and deletes fail, because nothing tells its rows apart. */
export interface UnidentifiedTable {
  readonly schema: string
  readonly table: string
  readonly publications: readonly string[]
}

/** https://www.postgresql.org/docs/current/logical-replication-publication.html#LOGICAL-REPLICATION-PUBLICATION-REPLICA-IDENTITY */
export async function unidentifiedTables(database: Database): Promise<UnidentifiedTable[]> {
  return database.query<UnidentifiedTable>`
    SELECT namespace.nspname AS schema, relation.relname AS "table",
           json_agg(publication.pubname ORDER BY publication.pubname) AS publications
    FROM pg_catalog.pg_publication_tables AS published
    JOIN pg_catalog.pg_publication AS publication ON publication.pubname = published.pubname
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.nspname = published.schemaname
    JOIN pg_catalog.pg_class AS relation
      ON relation.relnamespace = namespace.oid AND relation.relname = published.tablename
    WHERE (publication.pubupdate OR publication.pubdelete)
      AND (relation.relreplident = 'n'
           OR relation.relreplident = 'd' AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_index AS index
             WHERE index.indrelid = relation.oid AND index.indisprimary AND index.indisvalid))
    GROUP BY namespace.nspname, relation.relname
    ORDER BY 1, 2`
}
