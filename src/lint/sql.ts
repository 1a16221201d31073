import type { RangeVar } from 'libpg-query'
import { quoted } from '../database/identifier.ts'
import type { ColumnType, Relation } from '../sql/relations.ts'
import { REASON } from './allow.ts'
import type { RuleName } from './catalogue.ts'
import { NO_TRANSACTION } from './script.ts'

const BREAKPOINT = '\n--> statement-breakpoint\n'
const LONGEST = 63

/** A relation's name, with its schema where it was written. */
export function rangeSql({ schemaname, relname = '' }: Pick<RangeVar, 'schemaname' | 'relname'>): string {
  return schemaname ? quoted(schemaname, relname) : quoted(relname)
}

/** A relation's name with its schema, but for public. */
export function relationSql({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return schema === 'public' ? quoted(name) : quoted(schema, name)
}

/** Statements for a file that runs in one transaction. */
export function together(...statements: readonly string[]): string {
  return statements.map(each => `${each};`).join(BREAKPOINT)
}

/** Statements for a file of their own, where each commits by itself. */
export function apart(...statements: readonly string[]): string {
  return `${NO_TRANSACTION}\n${together(...statements)}`
}

/** Where SQL has no gentler way: the statement as it is, with the comment that answers for it. */
export function allowed(rule: RuleName, sql: string): string {
  return `-- drizzle-ops: allow ${rule} ${REASON}\n${sql};`
}

/** The name that a constraint or an index is given where it has none. */
export function nameFor(...parts: readonly string[]): string {
  let name = parts.join('_')
  while (Buffer.byteLength(name) > LONGEST) name = name.slice(0, -1)
  return name
}

export function columnList(columns: readonly string[]): string {
  return `(${columns.map(column => quoted(column)).join(', ')})`
}

/** A type as SQL takes it, or undefined where it is not known. */
export function typeSql({ type, modifiers }: ColumnType): string | undefined {
  if (!type) return undefined
  // an array's own name, _int4, is that of no type that people write
  const isArray = type.name.startsWith('_') && type.element !== '0'
  const own = isArray ? type.name.slice(1) : type.name
  const name = type.schema === 'pg_catalog' ? own : quoted(type.schema, own)
  return `${name}${modifiers.length > 0 ? `(${modifiers.join(', ')})` : ''}${isArray ? '[]' : ''}`
}
