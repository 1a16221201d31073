import { createHash } from 'node:crypto'
import { relationExists } from '../catalog/relations-named.ts'
import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import type { MigrationScript } from './apply.ts'
import { PROGRESS_TABLE } from './bookkeeping.ts'
import type { HistoryTable } from './history.ts'
import type { Statement } from './script.ts'

/** How far a file came that runs outside transactions. */
export interface Progress {
  /** Statements that have run. */
  readonly done: number
  /** The statement after them was begun outside a transaction, so it may have run as well. */
  readonly begun: boolean
  /** SHA-256 of the text of those that have run. */
  readonly hash: string
}

const NOTHING: Progress = { done: 0, begun: false, hash: hashOf([]) }

/**
 * How far an earlier run came with this file. Throws OpsError `progress-edited` where a statement that has run
 * reads otherwise by now: what the rest was written for is not what the database holds.
 */
export async function readProgress(
  database: Database,
  { schema, table }: HistoryTable,
  name: string,
  statements: readonly Statement[],
): Promise<Progress> {
  if (!(await relationExists(database, schema, PROGRESS_TABLE))) return NOTHING
  const [found = NOTHING] = await database.query<Progress>`
    SELECT statements AS done, begun, hash
    FROM ${identifier(database.sql, schema, PROGRESS_TABLE)}
    WHERE history = ${table} AND migration = ${name}`
  if (found.hash !== hashOf(statements.slice(0, found.done))) throw edited(name, found.done)
  return found
}

/** Makes the table where it is missing. */
export async function createProgressTable(database: Database, { schema }: HistoryTable): Promise<void> {
  if (await relationExists(database, schema, PROGRESS_TABLE)) return
  await database.query`
    CREATE TABLE IF NOT EXISTS ${identifier(database.sql, schema, PROGRESS_TABLE)} (
      history text NOT NULL,
      migration text NOT NULL,
      statements integer NOT NULL,
      begun boolean NOT NULL,
      hash text NOT NULL,
      updated_at timestamp with time zone NOT NULL DEFAULT now(),
      PRIMARY KEY (history, migration)
    )`
}

/** Notes that the first `done` statements have run, and whether the next one is begun. */
export async function saveProgress(
  database: Database,
  { schema, table }: HistoryTable,
  { migration, script }: MigrationScript,
  done: number,
  begun: boolean,
): Promise<void> {
  const hash = hashOf(script.statements.slice(0, done))
  await database.query`
    INSERT INTO ${identifier(database.sql, schema, PROGRESS_TABLE)} (history, migration, statements, begun, hash)
    VALUES (${table}, ${migration.name}, ${done}, ${begun}, ${hash})
    ON CONFLICT (history, migration) DO UPDATE
    SET statements = excluded.statements, begun = excluded.begun, hash = excluded.hash, updated_at = now()`
}

/** Forgets the file: it is finished, and its history row says so. */
export async function clearProgress(
  database: Database,
  { schema, table }: HistoryTable,
  name: string,
): Promise<void> {
  await database.query`
    DELETE FROM ${identifier(database.sql, schema, PROGRESS_TABLE)} WHERE history = ${table} AND migration = ${name}`
}

function hashOf(statements: readonly Statement[]): string {
  const hash = createHash('sha256')
  for (const { text } of statements) hash.update(`${text.replaceAll('\r\n', '\n').trim()}\0`)
  return hash.digest('hex')
}

function edited(name: string, done: number): OpsError {
  return new OpsError({
    code: 'progress-edited',
    message: `${name} stopped after statement ${done} in an earlier run, and what had run by then was changed since.`,
    hint: 'Restore those statements and put what is new after them, or finish by hand and drizzle-ops repair --mark-applied it.',
  })
}
