import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { OpsError } from '../errors.ts'
import type { MigrationsFolder } from '../migrations/folder.ts'
import { readSnapshot, snapshotFile } from '../migrations/snapshot.ts'

/**
 * Looks for what would make drizzle-kit compare the schema with the wrong snapshot, which it does in silence.
 * Throws OpsError `snapshot-missing`, `snapshot-unread`, `snapshot-stray` or `snapshot-collision`.
 */
export function checkChain(folder: MigrationsFolder): void {
  const newest = folder.migrations.at(-1)
  if (!newest) return
  const snapshot = snapshotFile(folder, newest)
  if (!snapshot) throw missing(newest.name)
  // of the folders drizzle-kit 1.0 checks the rest itself
  if (folder.layout === 'folders') return
  const meta = join(folder.path, 'meta')
  const snapshots = readdirSync(meta)
    .filter(name => !name.startsWith('_'))
    .sort()
  const last = snapshots.at(-1)
  if (last === undefined) throw unread(basename(snapshot))
  if (last !== basename(snapshot)) throw stray(last, newest.name)
  checkParents(meta, snapshots)
}

function checkParents(meta: string, snapshots: readonly string[]): void {
  const children = new Map<unknown, string>()
  for (const name of snapshots) {
    const { prevId } = readSnapshot(join(meta, name))
    const other = children.get(prevId)
    if (other !== undefined) throw collision([`meta/${other}`, `meta/${name}`])
    children.set(prevId, name)
  }
}

function missing(name: string): OpsError {
  return new OpsError({
    code: 'snapshot-missing',
    message: `The newest migration, ${name}, has no snapshot, so drizzle-kit would write its changes once more.`,
    hint: 'Restore the snapshot from git. If the migration was written by hand, make an empty one with drizzle-ops generate --custom and move the SQL there.',
  })
}

function unread(snapshot: string): OpsError {
  return new OpsError({
    code: 'snapshot-unread',
    message: `drizzle-kit never reads meta/${snapshot}, so it would write all that is there once more: migrations.prefix 'none' works only once.`,
    hint: "Set migrations.prefix to 'index' and give the newest migration such a name: 0000_name.sql, meta/0000_snapshot.json and its tag in the journal.",
  })
}

function stray(snapshot: string, newest: string): OpsError {
  return new OpsError({
    code: 'snapshot-stray',
    message: `meta/${snapshot} sorts last but does not belong to the newest migration, ${newest}, and drizzle-kit compares the schema with the last one.`,
    hint: `Delete meta/${snapshot} if its migration is gone; else put its entry last in meta/_journal.json.`,
  })
}

/** Two migrations were made from the same state, by two branches. */
export function collision(both: readonly string[]): OpsError {
  return new OpsError({
    code: 'snapshot-collision',
    message: `${both.join(' and ')} start from the same state: two branches have each made a migration.`,
    hint: 'Keep the one that is deployed. Delete the other with its snapshot and its journal entry, and run drizzle-ops generate again.',
  })
}
