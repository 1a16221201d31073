import type { Database } from '../database/database.ts'
import { inScope, type Scope } from './scope.ts'

/** How far a database's or a table's oldest row lies behind, in transactions and in multixacts. */
export interface WraparoundAge {
  readonly kind: 'database' | 'table'
  readonly schema: string | null
  /** Of the database or the table. */
  readonly name: string
  readonly xidAge: number
  readonly multixactAge: number
  /** Where autovacuum starts to freeze whatever it costs. */
  readonly freezeMaxAge: number
  /** Where VACUUM drops everything else to get done. */
  readonly failsafeAge: number
}

/** All databases of the server, and the tables of this one. */
export async function wraparoundAges(database: Database, scope: Scope): Promise<WraparoundAge[]> {
  return database.query<WraparoundAge>`
    SELECT aged.*, current_setting('autovacuum_freeze_max_age')::float8 AS "freezeMaxAge",
           current_setting('vacuum_failsafe_age')::float8 AS "failsafeAge"
    FROM (SELECT 'database' AS kind, NULL AS schema, datname AS name, age(datfrozenxid) AS "xidAge",
                 mxid_age(datminmxid) AS "multixactAge"
          FROM pg_catalog.pg_database
          UNION ALL
          SELECT 'table', namespace.nspname, relation.relname,
                 greatest(age(relation.relfrozenxid), age(toast.relfrozenxid)),
                 greatest(mxid_age(relation.relminmxid), mxid_age(toast.relminmxid))
          FROM pg_catalog.pg_class AS relation
          JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
          LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = relation.reltoastrelid
          WHERE relation.relkind IN ('r', 'm') AND ${inScope(database, scope)}) AS aged
    ORDER BY greatest("xidAge", "multixactAge") DESC, kind, schema, name`
}
