import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface RuleDefinition {
  readonly oid: Oid
  readonly name: string
  readonly table: Oid
  /** As SQL. */
  readonly definition: string
  /** pg_rewrite.ev_enabled: O, D, R or A */
  readonly enabled: string
}

/** Those that make a view a view are left out. */
export async function listRules(database: Database): Promise<RuleDefinition[]> {
  return database.query<RuleDefinition>`
    SELECT rule.oid::text AS oid, rule.rulename AS name, rule.ev_class::text AS "table",
           pg_get_ruledef(rule.oid) AS definition, rule.ev_enabled AS enabled
    FROM pg_catalog.pg_rewrite AS rule
    JOIN pg_catalog.pg_class AS relation ON relation.oid = rule.ev_class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE rule.rulename <> '_RETURN'
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_rewrite'::regclass AND member.objid = rule.oid
                        AND member.deptype = 'e')
    ORDER BY rule.ev_class, name`
}
