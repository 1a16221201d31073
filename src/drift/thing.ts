import { quotedIdentifier } from '../database/identifier.ts'

/** Every kind of object that is compared, in the order in which they can be made. */
export const KINDS = [
  'schema',
  'extension',
  'enum',
  'domain',
  'type',
  'sequence',
  'table',
  'column',
  'constraint',
  'index',
  'statistics',
  'view',
  'materialized view',
  'function',
  'trigger',
  'rule',
  'policy',
  'privilege',
] as const

export type Kind = (typeof KINDS)[number]

/** `table:public.users` */
export type Id = `${Kind}:${string}`

/** What a property may be: what JSON holds, compared as a whole. */
export type Value = string | boolean | null | readonly string[]

/** One object of a database's definition, and the SQL that makes, changes and drops it. */
export interface Thing {
  readonly kind: Kind
  /** As people write it: `public.users.email`. */
  readonly object: string
  /** Its own name, not quoted. */
  readonly name: string
  /** What it comes and goes with: the table of a column, the schema of a table. */
  readonly owner: Id | null
  /** Where the catalog's dependencies speak of it. */
  readonly addresses: readonly Address[]
  /** Compared one by one. */
  readonly properties: Readonly<Record<string, Value>>
  /** What CREATE OR REPLACE cannot change: with another one it has to be made anew. */
  readonly shape?: string
  /** All of it in a line. */
  readonly summary: string
  /** Whether its owner's own CREATE makes it. */
  readonly inline?: boolean
  create(): readonly string[]
  /** What can be said only when everything around it is there. */
  complete?(): readonly string[]
  drop(): string
  /** Null for what cannot have another name. */
  rename(to: string): string | null
  /** What gives the one that was found the value of this one; null where only making it anew would. */
  alter(property: string, found: Thing, users: readonly Thing[]): Mend | null
}

/** `pg_class:16384:2`: catalog, oid and column. */
export type Address = `${string}:${string}:${number}`

export interface Mend {
  readonly statements: readonly string[]
  /** Which of what needs it has to be dropped before and made again after. */
  readonly lifts?: readonly Kind[]
}

/** Everything that can stand in the way of a DROP and be made again at no loss: nothing that holds rows. */
export const HOLDS_NO_ROWS: readonly Kind[] = KINDS.slice(KINDS.indexOf('constraint'))

export function idOf({ kind, object }: Pick<Thing, 'kind' | 'object'>): Id {
  return `${kind}:${object}`
}

export function idFor(kind: Kind, ...words: readonly string[]): Id {
  return `${kind}:${named(...words)}`
}

/** A name as people write it, quoted only where it must be. */
export function named(...words: readonly string[]): string {
  return words.map(quotedIdentifier).join('.')
}

/** A text as SQL. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** `a=1` and `b=2` as SQL takes them: `a='1', b='2'`. */
export function optionList(options: readonly string[]): string {
  return options
    .map(option => {
      const at = option.indexOf('=')
      return `${option.slice(0, at)}=${text(option.slice(at + 1))}`
    })
    .join(', ')
}

/** SET and RESET that lead from some options to others. */
export function optionChanges(alter: string, expected: Value, found: Value): string[] {
  const wanted = Array.isArray(expected) ? (expected as readonly string[]) : []
  const names = wanted.map(nameOfOption)
  const gone = (Array.isArray(found) ? (found as readonly string[]) : [])
    .map(nameOfOption)
    .filter(name => !names.includes(name))
  return [
    ...(gone.length > 0 ? [`${alter} RESET (${gone.join(', ')})`] : []),
    ...(wanted.length > 0 ? [`${alter} SET (${optionList(wanted)})`] : []),
  ]
}

function nameOfOption(option: string): string {
  return option.slice(0, option.indexOf('='))
}
