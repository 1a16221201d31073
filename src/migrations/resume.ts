import { indexState } from '../catalog/index-state.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { serverError } from '../explain.ts'
import type { Statement } from './script.ts'

const NAME = String.raw`"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*`
const CREATE_INDEX = new RegExp(
  String.raw`\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?(?<index>${NAME})\s+ON\s+(?:ONLY\s+)?(?<table>(?:${NAME})(?:\s*\.\s*(?:${NAME}))?)`,
  'iu',
)

/** undefined_object, undefined_table; duplicate_database */
const DONE_BEFORE: Readonly<Record<string, readonly string[]>> = {
  DROP: ['42704', '42P01', '3D000'],
  CREATE: ['42P04'],
}

/** The index that a CREATE INDEX CONCURRENTLY makes: its name as the catalog has it, its table as SQL has it. */
export function indexMadeBy({
  text,
}: Pick<Statement, 'text'>): { readonly index: string; readonly table: string } | undefined {
  const found = CREATE_INDEX.exec(text)?.groups
  if (!found?.index || !found.table) return undefined
  const { index, table } = found
  return {
    table,
    index: index.startsWith('"') ? index.slice(1, -1).replaceAll('""', '"') : index.toLowerCase(),
  }
}

/**
 * Clears what a failed CREATE INDEX CONCURRENTLY leaves behind: an index that is never used, always maintained,
 * and that IF NOT EXISTS takes for a good one. True where the index is there and whole, so nothing is left to do.
 */
export async function clearInvalidIndex(
  context: Context,
  database: Database,
  statement: Statement,
): Promise<boolean> {
  const made = indexMadeBy(statement)
  const state = made && (await indexState(database, made.table, made.index))
  if (!state || state.building) return false
  if (state.valid) return true
  context.report.note(
    `Dropping the invalid index ${state.schema}.${state.name}, which an earlier CREATE INDEX CONCURRENTLY left behind`,
  )
  await database.query`DROP INDEX CONCURRENTLY IF EXISTS ${identifier(database.sql, state.schema, state.name)}`
  return false
}

/** Whether a statement that was begun before fails now because it had succeeded then. */
export function hadRunBefore({ verb }: Statement, error: unknown): boolean {
  return DONE_BEFORE[verb]?.includes(serverError(error)?.code ?? '') === true
}
