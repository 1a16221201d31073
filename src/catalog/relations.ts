import type { Database } from '../database/database.ts'

/** The number of a catalog row, as text. */
export type Oid = string

/** A table, index, view or sequence of the database, but no system's. */
export interface RelationRow {
  readonly oid: Oid
  readonly schema: string
  readonly name: string
  /** pg_class.relkind */
  readonly kind: string
  readonly unlogged: boolean
  readonly filenode: string
  /** As estimated by the last VACUUM or ANALYZE; null before the first. */
  readonly rows: number | null
  /** The table of an index, or of the column that owns a sequence. */
  readonly table: Oid | null
  /** The columns that an index needs, or the one that owns a sequence. */
  readonly columns: readonly string[] | null
  /** Whether an index holds or tests an expression. */
  readonly expressions: boolean
  readonly parents: readonly Oid[] | null
}

/** https://www.postgresql.org/docs/current/catalog-pg-constraint.html */
export interface ConstraintRow {
  readonly name: string
  readonly kind: string
  readonly table: Oid
  readonly index: Oid
  readonly references: Oid
  readonly columns: readonly string[] | null
  readonly referenced: readonly string[] | null
  readonly onDelete: string
  readonly onUpdate: string
  readonly validated: boolean
}

/** Something on one relation that holds on to another: a view, a rule, a policy or a default. */
export interface UseRow {
  readonly user: Oid
  readonly source: Oid
  readonly column: string | null
  readonly kind: 'rule' | 'policy' | 'default'
}

export interface TriggerRow {
  readonly table: Oid
  readonly name: string
  /** pg_trigger.tgtype: 4 INSERT, 8 DELETE, 16 UPDATE, 32 TRUNCATE */
  readonly events: number
}

export interface StatisticsRow {
  readonly schema: string
  readonly name: string
  readonly table: Oid
  readonly columns: readonly string[] | null
}

/** TOAST tables go with their tables and are left out. */
export async function listRelations(database: Database): Promise<RelationRow[]> {
  return database.query<RelationRow>`
    SELECT relation.oid::text AS oid, namespace.nspname AS schema, relation.relname AS name,
           relation.relkind AS kind, relation.relpersistence = 'u' AS unlogged,
           relation.relfilenode::text AS filenode, nullif(relation.reltuples, -1)::float8 AS rows,
           coalesce(index.indrelid, owner.refobjid)::text AS "table",
           coalesce(index.indexprs, index.indpred) IS NOT NULL AS expressions,
           CASE WHEN index.indexrelid IS NOT NULL OR owner.refobjid IS NOT NULL THEN
             (SELECT json_agg(attribute.attname ORDER BY array_position(index.indkey::int2[], attribute.attnum))
              FROM pg_catalog.pg_attribute AS attribute
              WHERE attribute.attrelid = coalesce(index.indrelid, owner.refobjid) AND attribute.attnum > 0
                AND (attribute.attnum = ANY (index.indkey) OR attribute.attnum = owner.refobjsubid
                     OR EXISTS (SELECT FROM pg_catalog.pg_depend AS needed
                                WHERE needed.classid = 'pg_catalog.pg_class'::regclass
                                  AND needed.objid = index.indexrelid AND needed.refobjid = index.indrelid
                                  AND needed.refobjsubid = attribute.attnum)))
           END AS columns,
           (SELECT json_agg(inherited.inhparent::text)
            FROM pg_catalog.pg_inherits AS inherited
            WHERE inherited.inhrelid = relation.oid) AS parents
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_index AS index ON index.indexrelid = relation.oid
    LEFT JOIN pg_catalog.pg_depend AS owner
      ON relation.relkind = 'S' AND owner.classid = 'pg_catalog.pg_class'::regclass AND owner.objid = relation.oid
      AND owner.refclassid = 'pg_catalog.pg_class'::regclass AND owner.refobjsubid > 0
      AND owner.deptype IN ('a', 'i')
    WHERE relation.oid >= 16384 AND relation.relkind <> 't' AND namespace.nspname !~ '^pg_toast'`
}

export async function listConstraints(database: Database): Promise<ConstraintRow[]> {
  return database.query<ConstraintRow>`
    SELECT conname AS name, contype AS kind, conrelid::text AS "table", conindid::text AS index,
           confrelid::text AS "references", confdeltype AS "onDelete", confupdtype AS "onUpdate",
           convalidated AS validated,
           (SELECT json_agg(attname) FROM pg_catalog.pg_attribute
            WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS columns,
           (SELECT json_agg(attname) FROM pg_catalog.pg_attribute
            WHERE attrelid = confrelid AND attnum = ANY (confkey)) AS referenced
    FROM pg_catalog.pg_constraint
    WHERE conrelid >= 16384`
}

export async function listUses(database: Database): Promise<UseRow[]> {
  return database.query<UseRow>`
    SELECT DISTINCT coalesce(rule.ev_class, policy.polrelid, preset.adrelid)::text AS "user",
           used.refobjid::text AS source, attribute.attname AS "column",
           CASE WHEN rule.oid IS NOT NULL THEN 'rule' WHEN policy.oid IS NOT NULL THEN 'policy' ELSE 'default' END AS kind
    FROM pg_catalog.pg_depend AS used
    LEFT JOIN pg_catalog.pg_rewrite AS rule
      ON used.classid = 'pg_catalog.pg_rewrite'::regclass AND rule.oid = used.objid
    LEFT JOIN pg_catalog.pg_policy AS policy
      ON used.classid = 'pg_catalog.pg_policy'::regclass AND policy.oid = used.objid
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON used.classid = 'pg_catalog.pg_attrdef'::regclass AND preset.oid = used.objid
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = used.refobjid AND attribute.attnum = used.refobjsubid AND used.refobjsubid > 0
    WHERE used.refclassid = 'pg_catalog.pg_class'::regclass AND used.refobjid >= 16384
      AND coalesce(rule.ev_class, policy.polrelid, preset.adrelid) <> used.refobjid`
}

export async function listTriggers(database: Database): Promise<TriggerRow[]> {
  return database.query<TriggerRow>`
    SELECT tgrelid::text AS "table", tgname AS name, tgtype::int AS events
    FROM pg_catalog.pg_trigger
    WHERE NOT tgisinternal AND tgenabled <> 'D'`
}

export async function listStatistics(database: Database): Promise<StatisticsRow[]> {
  return database.query<StatisticsRow>`
    SELECT namespace.nspname AS schema, statistics.stxname AS name, statistics.stxrelid::text AS "table",
           (SELECT json_agg(attname) FROM pg_catalog.pg_attribute
            WHERE attrelid = statistics.stxrelid AND attnum = ANY (statistics.stxkeys)) AS columns
    FROM pg_catalog.pg_statistic_ext AS statistics
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = statistics.stxnamespace`
}
