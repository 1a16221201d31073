import { type ForeignKeyRow, listForeignKeys } from '../catalog/foreign-keys.ts'
import type { Oid } from '../catalog/relations.ts'
import { listTables, type TableRow } from '../catalog/tables.ts'
import type { Database } from '../database/database.ts'
import { quoted, quotedIdentifier } from '../database/identifier.ts'

export interface Table extends TableRow {
  /** As archives and people write it: `public.users`. */
  readonly title: string
}

/** Rows of one table point to rows of another, or of the same one. */
export interface Reference {
  /** The constraint's name, or the columns of one that was declared elsewhere. */
  readonly name: string
  /** `table.column`, as people write it and `ops.graph.edges` names it. */
  readonly title: string
  readonly source: 'constraint' | 'ops' | 'relations'
  readonly from: Table
  readonly columns: readonly string[]
  readonly to: Table
  readonly referenced: readonly string[]
  /** Whether every row points to something. */
  readonly required: boolean
  /** The columns that may be NULL. */
  readonly nullable: readonly string[]
  readonly cascades: boolean
  readonly matchFull: boolean
  /** Whether a row points to several rows by its last column, a range that theirs cover together. */
  readonly period: boolean
  /** Whether what a row points to is sure to exist. */
  readonly enforced: boolean
  /** Whether an index leads to the rows that point to a given one. */
  readonly indexed: boolean
  /** What such an index has to begin with; null where none can help. */
  readonly indexKeys: readonly string[] | null
  /** Where in a JSON column the values stand. */
  readonly path: string | undefined
  /** SQL that is true where the row `child` points to the row `parent`. */
  match(child: string, parent: string): string
  /** SQL that is true where the row `child` points to something, be it there or not. */
  points(child: string): string
}

/** Whether one row may point to several by it. */
export function leadsToSeveral({ period, path }: Reference): boolean {
  return period || path !== undefined
}

/** The tables of a database and how their rows hang together. */
export interface Graph {
  readonly tables: readonly Table[]
  readonly references: readonly Reference[]
}

/** The graph that foreign keys make. */
export async function readGraph(database: Database): Promise<Graph> {
  const [rows, keys] = await Promise.all([listTables(database), listForeignKeys(database)])
  const tables = rows.map(row => ({ ...row, title: titleOf(row) }))
  const byOid = new Map<Oid, Table>(tables.map(table => [table.oid, table]))
  const references = keys.flatMap(key => {
    const from = byOid.get(key.table)
    const to = byOid.get(key.references)
    return from && to ? [referenceOf(key, from, to)] : []
  })
  return { tables, references }
}

/** The name as SQL takes it: `public.users`, `public."we""ird T"`. */
export function titleOf({ schema, name }: Pick<TableRow, 'schema' | 'name'>): string {
  return `${quotedIdentifier(schema)}.${quotedIdentifier(name)}`
}

/** The table in a FROM. What inherits from an ordinary table is a table of its own. */
export function relationOf({ schema, name, partitioned }: Table): string {
  return `${partitioned ? '' : 'ONLY '}${quoted(schema, name)}`
}

/** `messages.parent_id`, `orders.shop,number` */
export function titleOfReference(from: Table, columns: readonly string[]): string {
  return `${shortName(from)}.${columns.map(quotedIdentifier).join(',')}`
}

function referenceOf(key: ForeignKeyRow, from: Table, to: Table): Reference {
  const { columns, referenced, operators, leaves } = key
  const within = (child: string) =>
    leaves === null ? [] : [`${child}.tableoid = ANY ('{${leaves}}'::pg_catalog.oid[])`]
  return {
    name: key.name,
    title: titleOfReference(from, columns),
    source: 'constraint',
    from,
    columns,
    to,
    referenced,
    required: key.required,
    nullable: key.nullable,
    cascades: key.onDelete === 'c',
    matchFull: key.matchFull,
    period: key.period,
    enforced: key.enforced,
    indexed: key.indexed,
    indexKeys: columns.map(column => quoted(column)),
    path: undefined,
    match: (child, parent) =>
      [
        ...columns.map(
          (column, index) =>
            `${parent}.${quoted(referenced[index] ?? '')} ${operators[index]} ${child}.${quoted(column)}`,
        ),
        ...within(child),
      ].join(' AND '),
    points: child =>
      [...columns.map(column => `${child}.${quoted(column)} IS NOT NULL`), ...within(child)].join(' AND '),
  }
}

/** The name without `public`. */
export function shortName(table: Pick<TableRow, 'schema' | 'name'>): string {
  return table.schema === 'public' ? quotedIdentifier(table.name) : titleOf(table)
}

/** SQL for the key of a row as people write it: `a,b`. Where a table has none, its place. */
export function keyTextOf({ identity }: Table, row: string): string {
  if (identity === null) return `${row}.ctid::text`
  return `concat_ws(',', ${identity.map(column => `${row}.${quoted(column)}::text`).join(', ')})`
}
