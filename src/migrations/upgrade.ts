import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import type { Migration } from './folder.ts'
import type { HistoryRow, HistoryTable } from './history.ts'
import { wholeSeconds } from './unclaimed.ts'

/**
 * Turns a 0.x history into the 1.0 shape exactly as drizzle-orm 1.0 does on its first migrate(): each row finds
 * its folder by the second it was made in, by its hash where that is not one folder. Runs in the caller's transaction.
 * Throws OpsError `upgrade` naming the rows that find none, and changes nothing.
 */
export async function upgradeHistory(
  database: Database,
  { schema, table }: HistoryTable,
  rows: readonly HistoryRow[],
  migrations: readonly Migration[],
): Promise<void> {
  const named = rows.map(row => ({ id: row.id, name: folderOf(row, migrations)?.name }))
  const unmatched = named.filter(row => row.name === undefined)
  if (unmatched.length > 0) throw unmatchedRows(unmatched.map(row => row.id))
  const relation = identifier(database.sql, schema, table)
  await database.query`ALTER TABLE ${relation} ADD COLUMN IF NOT EXISTS "name" text`
  await database.query`
    ALTER TABLE ${relation} ADD COLUMN IF NOT EXISTS "applied_at" timestamp with time zone DEFAULT now()`
  for (const { id, name = null } of named) {
    await database.query`UPDATE ${relation} SET "name" = ${name}, "applied_at" = NULL WHERE "id" = ${id}`
  }
}

function folderOf({ createdAt, hash }: HistoryRow, migrations: readonly Migration[]): Migration | undefined {
  const made = createdAt === null ? undefined : wholeSeconds(createdAt)
  const sameSecond = migrations.filter(migration => migration.when === made)
  const sameText = (migration: Migration) => migration.hash === hash
  if (sameSecond.length === 0) return migrations.findLast(sameText)
  return sameSecond.length === 1 ? sameSecond[0] : sameSecond.find(sameText)
}

function unmatchedRows(ids: readonly number[]): OpsError {
  return new OpsError({
    code: 'upgrade',
    message: `The history is drizzle 0.x's and must become drizzle 1.0's, but its rows with the ids ${ids.join(', ')} match no migration folder.`,
    hint: 'Restore those folders, or remove the rows with drizzle-ops repair --forget <name>.',
  })
}
