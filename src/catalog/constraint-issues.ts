import type { Database } from '../database/database.ts'
import { inScope, type Scope } from './scope.ts'

/** A rule that holds for less than it seems, or a table without one that it should have. */
export interface ConstraintIssue {
  readonly schema: string
  readonly table: string
  readonly issue: 'not valid' | 'not enforced' | 'no primary key' | 'types differ'
  readonly constraint: string | null
  readonly detail: string | null
}

/**
 * NOT VALID is what existing rows were not checked for; NOT ENFORCED (18) is meant to check nothing and is not valid
 * either. Keys whose columns have another type than what they reference cast at each look-up.
 */
export async function constraintIssues(database: Database, scope: Scope): Promise<ConstraintIssue[]> {
  return database.query<ConstraintIssue>`
    WITH shown AS MATERIALIZED (
      SELECT relation.oid, relation.relkind, relation.relispartition, namespace.nspname AS schema, relation.relname AS "table"
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE relation.relkind IN ('r', 'p', 'f') AND ${inScope(database, scope)}),
    -- by itself, or the planner looks at all columns of each table
    pair AS MATERIALIZED (
      SELECT referencing.conname, referencing.conrelid, referencing.confrelid, key.*
      FROM pg_catalog.pg_constraint AS referencing
      CROSS JOIN LATERAL unnest(referencing.conkey, referencing.confkey) WITH ORDINALITY AS key (own, theirs, position)
      WHERE referencing.contype = 'f' AND referencing.conparentid = 0)
    SELECT shown.schema, shown."table",
           CASE WHEN coalesce((to_jsonb(rule) ->> 'conenforced')::bool, true) THEN 'not valid' ELSE 'not enforced' END AS issue,
           rule.conname AS "constraint",
           CASE rule.contype WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' WHEN 'n' THEN 'not null' ELSE 'constraint' END AS detail
    FROM pg_catalog.pg_constraint AS rule
    JOIN shown ON shown.oid = rule.conrelid
    WHERE NOT rule.convalidated AND rule.conparentid = 0
    UNION ALL
    SELECT shown.schema, shown."table", 'types differ', pair.conname,
           string_agg(format('%s %s references %s %s', own.attname, format_type(own.atttypid, own.atttypmod),
                             theirs.attname, format_type(theirs.atttypid, theirs.atttypmod)), ', ' ORDER BY pair.position)
    FROM pair
    JOIN shown ON shown.oid = pair.conrelid
    JOIN pg_catalog.pg_attribute AS own ON own.attrelid = pair.conrelid AND own.attnum = pair.own
    JOIN pg_catalog.pg_attribute AS theirs ON theirs.attrelid = pair.confrelid AND theirs.attnum = pair.theirs
    WHERE own.atttypid <> theirs.atttypid
    GROUP BY shown.schema, shown."table", pair.conname
    UNION ALL
    SELECT shown.schema, shown."table", 'no primary key', NULL, NULL
    FROM shown
    WHERE shown.relkind IN ('r', 'p') AND NOT shown.relispartition
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = shown.oid AND contype = 'p')
    ORDER BY 1, 2, 3, 4`
}
