import type { Archive } from '../archive/read.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { schemaFingerprint } from '../graph/fingerprint.ts'
import { lastMigration } from '../graph/last-migration.ts'
import type { Project } from '../project/project.ts'
import type { Matched } from './match.ts'

/** Notes what tells the archive's database from this one, where nothing refuses its rows. */
export async function noteOrigin(
  context: Context,
  database: Database,
  project: Project | undefined,
  archive: Archive,
  matched: Matched,
): Promise<void> {
  await noteFingerprint(context, database, archive, matched)
  await noteMigration(context, database, project, archive)
}

/** What is left where neither columns nor constraints refuse a row. */
async function noteFingerprint(
  { report }: Context,
  database: Database,
  { manifest }: Archive,
  { tables, drift }: Matched,
): Promise<void> {
  if (drift.length > 0) return
  const oids = [...new Set(tables.map(({ table }) => table.oid))]
  if ((await schemaFingerprint(database, oids)) === manifest.source.schemaFingerprint) return
  report.note(
    'These tables are not quite those of the database that the archive was made of: see drizzle-ops drift on both.',
  )
}

/** The same tables may hold rows of another meaning: what a migration did to the data no schema tells. */
async function noteMigration(
  { report }: Context,
  database: Database,
  project: Project | undefined,
  { manifest }: Archive,
): Promise<void> {
  const theirs = manifest.source.lastMigration
  const ours = project ? await lastMigration(database, project.migrationsTable) : null
  if (theirs === null || ours === null || theirs === ours) return
  report.note(
    `The last migration of the archive's database (${theirs.slice(0, 12)}…) is not the last one here (${ours.slice(0, 12)}…): drizzle-ops status tells where this one stands.`,
  )
}
