import {
  dependentsOutside,
  dropSql,
  extensionsIn,
  type OwnedObject,
  objectsIn,
  schemasNamed,
  tablesNamed,
} from '../catalog/owned-schemas.ts'
import { mayCreate } from '../catalog/privileges.ts'
import type { Context } from '../command.ts'
import { askForName } from '../consent.ts'
import type { Database } from '../database/database.ts'
import { withLock } from '../database/lock.ts'
import { sessionNeeded } from '../database/pooler.ts'
import { freshSession } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { knowing, OpsError } from '../errors.ts'
import { explain } from '../explain.ts'
import type { Project } from '../project/project.ts'
import { type Applied, readMigrationScript } from './apply.ts'
import { bookkeepingTables } from './bookkeeping.ts'
import { type MigrationsFolder, readMigrations } from './folder.ts'
import { migrationLock } from './lock.ts'
import { migrateDatabase } from './migrate.ts'
import { refuseDoubtfulHistory } from './refuse.ts'
import { retried } from './retry.ts'
import { newestSnapshot, objectsOf } from './snapshot.ts'
import { judge } from './state.ts'
import { waitOf } from './work.ts'

export interface ResetOutcome {
  readonly dropped: readonly OwnedObject[]
  readonly applied: readonly Applied[]
  /** What a dry run would apply. */
  readonly pending: readonly string[]
}

export interface ResetWish {
  readonly dryRun: boolean
  /** Milliseconds, for the runner's lock and for locks on tables. */
  readonly lockWait: number
}

/** Our own tables beside drizzle's. */

/**
 * Drops what the migrations made, and their history, in one transaction, and migrates again. What forbids it is
 * found before anything is dropped.
 */
export async function resetDatabase(
  context: Context,
  database: Database,
  project: Project,
  wish: ResetWish,
): Promise<ResetOutcome> {
  const folder = readMigrations(project)
  refuseWhatWouldNotRun(folder)
  const planned = await planReset(database, project, folder)
  const pending = folder.migrations.map(({ name }) => name)
  if (wish.dryRun) return { dropped: planned, applied: [], pending }
  if (database.server.pooler === 'transaction') throw sessionNeeded('Resetting the database')
  const { name, host } = database.identity
  const what = `This drops ${planned.length} objects of ${name} on ${host} with all their rows.`
  await askForName(context, database.identity, what)
  return withLock(database, migrationLock(project), waitOf(context, wish), async () => {
    const dropped = await retried(context, database, wish.lockWait, () => drop(database, project, folder))
    try {
      const limits = { transaction: 'file', allow: ['late'], lint: false, lockWait: wish.lockWait } as const
      const { applied } = await migrateDatabase(context, database, project, limits)
      return { dropped, applied, pending: [] }
    } catch (error) {
      const explained = explain(error, database.identity)
      throw explained instanceof OpsError ? knowing(explained, { dropped }) : explained
    }
  })
}

/** A database that is empty would stay so. */
function refuseWhatWouldNotRun(folder: MigrationsFolder): void {
  for (const migration of folder.migrations) readMigrationScript(migration)
  const history = { shape: 'none', schemaExists: false, rows: [] } as const
  refuseDoubtfulHistory({ folder, history, judged: judge(folder, history, Date.now()) }, ['late'])
}

/** Throws OpsError `depended-on` where something outside of the migrations' schemas needs what is in them. */
async function planReset(
  database: Database,
  project: Project,
  folder: MigrationsFolder,
): Promise<OwnedObject[]> {
  const { owned, made } = ownedSchemas(folder)
  const outside = [...(await extensionsIn(database, made)), ...(await dependentsOutside(database, owned))]
  if (outside.length > 0) throw dependedOn(outside)
  const objects = (await objectsIn(database, owned)).toSorted((one, other) => rankOf(one) - rankOf(other))
  const theirs = [...objects, ...(await schemasNamed(database, made))]
  const history = await historyObjects(database, project)
  return [...theirs, ...history.filter(({ object }) => !theirs.some(each => each.object === object))]
}

/** Drizzle's table, our own beside it, and their schema where nothing else is in it. */
async function historyObjects(database: Database, { migrationsTable }: Project): Promise<OwnedObject[]> {
  const { schema } = migrationsTable
  const tables = await tablesNamed(database, schema, bookkeepingTables(migrationsTable))
  const others = (await objectsIn(database, [schema])).filter(
    ({ object }) => !tables.some(each => each.object === object),
  )
  const extensions = await extensionsIn(database, [schema])
  // a role that may not create schemas could not make it again
  const keeps = schema === 'public' || others.length + extensions.length > 0 || !(await mayCreate(database))
  return keeps ? tables : [...tables, ...(await schemasNamed(database, [schema]))]
}

const ORDER = [
  'materialized view',
  'view',
  'foreign table',
  'table',
  'sequence',
  'procedure',
  'aggregate',
  'function',
]

function rankOf({ kind }: OwnedObject): number {
  const rank = ORDER.indexOf(kind)
  return rank < 0 ? ORDER.length : rank
}

/** The schemas that the newest snapshot names, and those that the migrations have made; public where there is no snapshot to ask. */
function ownedSchemas(folder: MigrationsFolder): { readonly owned: string[]; readonly made: string[] } {
  const snapshot = newestSnapshot(folder, folder.migrations)
  const objects = snapshot === undefined ? [] : objectsOf(snapshot)
  const made = objects.filter(({ kind }) => kind === 'schema').map(({ name }) => name)
  const owned = new Set([...objects.map(({ schema }) => schema), ...(objects.length === 0 ? ['public'] : [])])
  return { owned: [...owned], made: made.filter(name => name !== 'public') }
}

async function drop(database: Database, project: Project, folder: MigrationsFolder): Promise<OwnedObject[]> {
  const begin = `${freshSession(database)}; BEGIN; SET LOCAL client_min_messages = warning`
  return withTransaction(database, begin, async () => {
    const dropped = await planReset(database, project, folder)
    // CASCADE stays within, for nothing outside depends on them
    if (dropped.length > 0) await database.script(dropped.map(dropSql).join(';\n'))
    return dropped
  })
}

function dependedOn(outside: readonly OwnedObject[]): OpsError {
  const names = outside.map(({ kind, object }) => `${kind} ${object}`)
  return new OpsError({
    code: 'depended-on',
    message: `Nothing was dropped, for what the migrations made is needed outside of their schemas: ${names.join(', ')}.`,
    hint: 'Drop or detach those by hand first; drizzle-ops reset takes away only what the migrations own.',
  })
}
