import type { Database } from '../database/database.ts'
import { identifier, literal, quoted } from '../database/identifier.ts'
import type { Layout, Migration } from './folder.ts'
import type { HistoryShape, HistoryTable } from './history.ts'
import type { JournalChange } from './restamp.ts'

/** One change to the history, or to the journal, that mends what does not match. */
export interface Change {
  readonly action: 'baseline' | 'mark-applied' | 'forget' | 'accept-edits' | 'restamp'
  /** The migration's. */
  readonly name: string
  readonly edit: RowEdit | JournalChange
}

/** What is done to a row of drizzle's table. `name` is null in the 0.x shape. */
export type RowEdit =
  | {
      readonly kind: 'insert'
      readonly hash: string
      readonly createdAt: number
      readonly name: string | null
    }
  | { readonly kind: 'delete'; readonly id: number }
  | { readonly kind: 'hash'; readonly id: number; readonly hash: string }
  | { readonly kind: 'stamp'; readonly id: number; readonly createdAt: number; readonly name: string | null }

/** The row that drizzle would write. A 1.0 table without the name would run the migration again. */
export function insertOf(migration: Named, hash: string, shape: HistoryShape, layout: Layout): RowEdit {
  return { kind: 'insert', hash, createdAt: migration.when, name: recordedName(migration, shape, layout) }
}

type Named = Pick<Migration, 'name' | 'when'>

/** A folder's name; for a journal's migration the folder that `drizzle-kit up` of 1.0 will make from it. */
export function recordedName({ name, when }: Named, shape: HistoryShape, layout: Layout): string | null {
  if (shape !== '1.0') return null
  if (layout === 'folders') return name
  const stamp = new Date(when).toISOString().replace(NOT_DIGITS, '').slice(0, 14)
  return `${stamp}_${name.split('_').slice(1).join('_')}`
}

const NOT_DIGITS = /\D/g

/** The edit as SQL that can be read and pasted. The journal's is words. */
export function describeEdit(edit: Change['edit'], { schema, table }: HistoryTable): string {
  const relation = quoted(schema, table)
  switch (edit.kind) {
    case 'insert':
      return edit.name === null
        ? `INSERT INTO ${relation} (hash, created_at) VALUES (${shown(edit.hash)}, ${edit.createdAt});`
        : `INSERT INTO ${relation} (hash, created_at, name) VALUES (${shown(edit.hash)}, ${edit.createdAt}, ${shown(edit.name)});`
    case 'delete':
      return `DELETE FROM ${relation} WHERE id = ${edit.id};`
    case 'hash':
      return `UPDATE ${relation} SET hash = ${shown(edit.hash)} WHERE id = ${edit.id};`
    case 'stamp':
      return edit.name === null
        ? `UPDATE ${relation} SET created_at = ${edit.createdAt} WHERE id = ${edit.id};`
        : `UPDATE ${relation} SET created_at = ${edit.createdAt}, name = ${shown(edit.name)} WHERE id = ${edit.id};`
    default:
      return `${edit.file}: ${edit.from} becomes ${edit.to}`
  }
}

/** Makes the edit of a row; the caller holds the lock and the transaction. */
export async function editRow(
  database: Database,
  { schema, table }: HistoryTable,
  edit: RowEdit,
): Promise<void> {
  const relation = identifier(database.sql, schema, table)
  switch (edit.kind) {
    case 'insert':
      await insert(database, edit, { schema, table })
      return
    case 'delete':
      await database.query`DELETE FROM ${relation} WHERE id = ${edit.id}`
      return
    case 'hash':
      await database.query`UPDATE ${relation} SET hash = ${edit.hash} WHERE id = ${edit.id}`
      return
    case 'stamp':
      await database.query`UPDATE ${relation} SET created_at = ${edit.createdAt} WHERE id = ${edit.id}`
      if (edit.name !== null)
        await database.query`UPDATE ${relation} SET name = ${edit.name} WHERE id = ${edit.id}`
  }
}

async function insert(
  database: Database,
  { hash, createdAt, name }: Extract<RowEdit, { kind: 'insert' }>,
  to: HistoryTable,
): Promise<void> {
  const values = [literal(hash), Number(createdAt), ...(name === null ? [] : [literal(name)])]
  const columns = name === null ? '"hash", "created_at"' : '"hash", "created_at", "name"'
  const into = `INSERT INTO ${quoted(to.schema, to.table)} (${columns}) VALUES`
  await database.script(`${into} (${values.join(', ')})`, `${into} (${values.map(() => '$').join(', ')})`)
}

/** For people to read, never to be sent. */
function shown(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
