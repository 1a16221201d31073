import type { Database } from '../database/database.ts'

/**
 * Whether the table called `relation` is still what ANALYZE noted in pg_class: counters that have seen its rows come
 * have seen no change since. Those of a crash's survivors and of a cloned database have not seen them.
 */
export function asNoted(sql: Database['sql'], relation: string) {
  const table = sql(relation)
  return sql`
    (${table}.reltuples >= 0 AND pg_stat_get_tuples_inserted(${table}.oid) > 0
     AND pg_stat_get_mod_since_analyze(${table}.oid) = 0)`
}
