import type { Database } from '../database/database.ts'
import { INSTANT } from './instant.ts'
import { inScope, type Scope } from './scope.ts'

/** What autovacuum counts for a table, and from where on it acts. https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM */
export interface VacuumState {
  readonly schema: string
  readonly table: string
  /** Estimated; null before the first VACUUM or ANALYZE. */
  readonly rows: number | null
  /** As counted since the last VACUUM or ANALYZE. */
  readonly liveRows: number
  readonly deadRows: number
  readonly deadTrigger: number
  readonly insertedRows: number
  /** Null where inserts alone never start it. */
  readonly insertTrigger: number | null
  readonly changedRows: number
  readonly analyzeTrigger: number
  /** What autovacuum would do now. */
  readonly due: readonly ('dead rows' | 'inserts' | 'analyze' | 'freeze')[]
  readonly autovacuum: boolean
  readonly lastVacuum: string | null
  readonly lastAutovacuum: string | null
  readonly lastAnalyze: string | null
  readonly lastAutoanalyze: string | null
  readonly running: boolean
}

/** A table's own storage parameters beat the server's settings. */
export async function vacuumStates(database: Database, scope: Scope): Promise<VacuumState[]> {
  const { sql } = database
  const option = (name: string, missing = 'NULL') => sql`
    coalesce(max(option_value) FILTER (WHERE option_name = ${name}),
             current_setting(${name}, true), ${sql.unsafe(missing)})::float8`
  return database.query<VacuumState>`
    WITH counted AS (
      SELECT namespace.nspname AS schema, relation.relname AS "table", nullif(relation.reltuples, -1)::float8 AS rows,
             used.n_live_tup::float8 AS live, used.n_dead_tup::float8 AS dead, used.n_ins_since_vacuum::float8 AS inserted,
             used.n_mod_since_analyze::float8 AS changed,
             least(own.vacuum_base + own.vacuum_scale * greatest(relation.reltuples, 0),
                   CASE WHEN own.vacuum_max >= 0 THEN own.vacuum_max ELSE 'Infinity' END) AS dead_trigger,
             CASE WHEN own.insert_base >= 0 THEN
               own.insert_base + own.insert_scale * greatest(relation.reltuples, 0)
                 * CASE WHEN relation.relpages > 0
                        THEN 1 - coalesce((to_jsonb(relation) ->> 'relallfrozen')::float8, 0) / relation.relpages ELSE 1 END
             END AS insert_trigger,
             own.analyze_base + own.analyze_scale * greatest(relation.reltuples, 0) AS analyze_trigger,
             age(relation.relfrozenxid) > least(own.freeze_max_age, current_setting('autovacuum_freeze_max_age')::float8) AS freeze_due,
             own.enabled AND current_setting('autovacuum')::bool AND current_setting('track_counts')::bool AS autovacuum,
             used.last_vacuum, used.last_autovacuum, used.last_analyze, used.last_autoanalyze,
             EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS progress
                     WHERE progress.relid = relation.oid AND progress.datname = current_database()) AS running
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      JOIN pg_catalog.pg_stat_all_tables AS used ON used.relid = relation.oid
      CROSS JOIN LATERAL (
        SELECT ${option('autovacuum_vacuum_threshold')} AS vacuum_base,
               ${option('autovacuum_vacuum_scale_factor')} AS vacuum_scale,
               ${option('autovacuum_vacuum_max_threshold', "'-1'")} AS vacuum_max,
               ${option('autovacuum_vacuum_insert_threshold')} AS insert_base,
               ${option('autovacuum_vacuum_insert_scale_factor')} AS insert_scale,
               ${option('autovacuum_analyze_threshold')} AS analyze_base,
               ${option('autovacuum_analyze_scale_factor')} AS analyze_scale,
               ${option('autovacuum_freeze_max_age')} AS freeze_max_age,
               coalesce(bool_and(option_value::bool) FILTER (WHERE option_name = 'autovacuum_enabled'), true) AS enabled
        FROM pg_options_to_table(relation.reloptions)) AS own
      WHERE relation.relkind IN ('r', 'm') AND ${inScope(database, scope)})
    SELECT schema, "table", rows, live AS "liveRows", dead AS "deadRows", dead_trigger AS "deadTrigger",
           inserted AS "insertedRows", insert_trigger AS "insertTrigger",
           changed AS "changedRows", analyze_trigger AS "analyzeTrigger",
           to_json(array_remove(ARRAY[CASE WHEN freeze_due THEN 'freeze' END,
                                      CASE WHEN dead > dead_trigger THEN 'dead rows' END,
                                      CASE WHEN inserted > insert_trigger THEN 'inserts' END,
                                      CASE WHEN changed > analyze_trigger THEN 'analyze' END], NULL)) AS due,
           autovacuum, running,
           to_char(last_vacuum AT TIME ZONE 'UTC', ${INSTANT}) AS "lastVacuum",
           to_char(last_autovacuum AT TIME ZONE 'UTC', ${INSTANT}) AS "lastAutovacuum",
           to_char(last_analyze AT TIME ZONE 'UTC', ${INSTANT}) AS "lastAnalyze",
           to_char(last_autoanalyze AT TIME ZONE 'UTC', ${INSTANT}) AS "lastAutoanalyze"
    FROM counted
    ORDER BY dead DESC, schema, "table"`
}
