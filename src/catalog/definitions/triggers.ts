import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface TriggerDefinition {
  readonly oid: Oid
  readonly name: string
  readonly table: Oid
  /** As SQL. */
  readonly definition: string
  /** pg_trigger.tgenabled: O, D, R or A */
  readonly enabled: string
}

/** Those of constraints are left out, and those that partitions have from their parents. */
export async function listTriggers(database: Database): Promise<TriggerDefinition[]> {
  return database.query<TriggerDefinition>`
    SELECT trigger.oid::text AS oid, trigger.tgname AS name, trigger.tgrelid::text AS "table",
           pg_get_triggerdef(trigger.oid) AS definition, trigger.tgenabled AS enabled
    FROM pg_catalog.pg_trigger AS trigger
    JOIN pg_catalog.pg_class AS relation ON relation.oid = trigger.tgrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE NOT trigger.tgisinternal AND trigger.tgparentid = 0
      AND namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_trigger'::regclass AND member.objid = trigger.oid
                        AND member.deptype = 'e')
    ORDER BY trigger.tgrelid, name`
}
