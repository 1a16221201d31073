import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** A table, a partitioned one, a partition or a foreign one. */
export interface TableDefinition {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** pg_class.relkind: r, p or f */
  readonly kind: string
  readonly unlogged: boolean
  readonly rowSecurity: boolean
  readonly forcedRowSecurity: boolean
  /** Storage parameters: `fillfactor=70`. */
  readonly options: readonly string[] | null
  /** What logical replication takes for the row's identity: DEFAULT, FULL, NOTHING or an index's name. */
  readonly replicaIdentity: string
  /** `RANGE (created_at)` */
  readonly partitionKey: string | null
  /** `FOR VALUES FROM (1) TO (10)` */
  readonly partitionBound: string | null
  /** The tables that it inherits from, or is a partition of; quoted where they must be. */
  readonly parents: readonly string[] | null
  /** The server of a foreign table. */
  readonly server: string | null
}

export async function listTables(database: Database): Promise<TableDefinition[]> {
  return database.query<TableDefinition>`
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           relation.relkind AS kind, relation.relpersistence = 'u' AS unlogged,
           relation.relrowsecurity AS "rowSecurity", relation.relforcerowsecurity AS "forcedRowSecurity",
           (SELECT json_agg(option ORDER BY option) FROM unnest(relation.reloptions) AS option) AS options,
           CASE relation.relreplident
             WHEN 'd' THEN 'DEFAULT' WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
             ELSE (SELECT format('USING INDEX %I', index.relname)
                   FROM pg_catalog.pg_index AS replica
                   JOIN pg_catalog.pg_class AS index ON index.oid = replica.indexrelid
                   WHERE replica.indrelid = relation.oid AND replica.indisreplident)
           END AS "replicaIdentity",
           pg_get_partkeydef(relation.oid) AS "partitionKey",
           pg_get_expr(relation.relpartbound, relation.oid) AS "partitionBound",
           (SELECT json_agg(inherited.inhparent::regclass::text ORDER BY inherited.inhseqno)
            FROM pg_catalog.pg_inherits AS inherited
            WHERE inherited.inhrelid = relation.oid) AS parents,
           (SELECT quote_ident(server.srvname)
            FROM pg_catalog.pg_foreign_table AS remote
            JOIN pg_catalog.pg_foreign_server AS server ON server.oid = remote.ftserver
            WHERE remote.ftrelid = relation.oid) AS server
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind IN ('r', 'p', 'f')
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_class'::regclass AND member.objid = relation.oid
                        AND member.deptype = 'e')
    ORDER BY schema, name`
}
