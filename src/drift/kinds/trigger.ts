import type { Definitions } from '../../catalog/definitions/read.ts'
import { quoted } from '../../database/identifier.ts'
import { idFor, named, type Thing } from '../thing.ts'
import type { TableName } from './table-name.ts'

/** pg_trigger.tgenabled and pg_rewrite.ev_enabled */
const STATES: Readonly<Record<string, string>> = {
  O: 'ENABLE',
  D: 'DISABLE',
  R: 'ENABLE REPLICA',
  A: 'ENABLE ALWAYS',
}

export function triggers({ triggers }: Definitions, tableName: TableName): Thing[] {
  return triggers.flatMap(trigger => switched('trigger', 'pg_trigger', trigger, tableName))
}

export function rules({ rules }: Definitions, tableName: TableName): Thing[] {
  return rules.flatMap(rule => switched('rule', 'pg_rewrite', rule, tableName))
}

interface Switched {
  readonly oid: string
  readonly name: string
  readonly table: string
  readonly definition: string
  readonly enabled: string
}

/** What hangs on a table and can be switched off. */
function switched(
  kind: 'trigger' | 'rule',
  catalog: string,
  { oid, name, table, definition, enabled }: Switched,
  tableName: TableName,
): Thing[] {
  const holder = tableName(table)
  if (!holder) return []
  const words = kind.toUpperCase()
  const sql = quoted(holder.schema, holder.name)
  const drop = `DROP ${words} ${quoted(name)} ON ${sql}`
  const turn = `ALTER TABLE ${sql} ${STATES[enabled]} ${words} ${quoted(name)}`
  const create = [definition.replace(END, ''), ...(enabled === 'O' ? [] : [turn])]
  return [
    {
      kind,
      object: named(holder.schema, holder.name, name),
      name,
      owner: idFor(holder.kind, holder.schema, holder.name),
      addresses: [`${catalog}:${oid}:0`],
      properties: { definition, enabled: STATES[enabled] ?? enabled },
      summary: definition,
      create: () => create,
      drop: () => drop,
      rename: to => `ALTER ${words} ${quoted(name)} ON ${sql} RENAME TO ${quoted(to)}`,
      alter: property => ({ statements: property === 'enabled' ? [turn] : [drop, ...create] }),
    },
  ]
}

const END = /;\s*$/
