import { missingObjects } from '../catalog/objects.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { type Change, insertOf, recordedName } from './change.ts'
import type { Migration } from './folder.ts'
import type { HistoryRow } from './history.ts'
import type { Inspection } from './inspect.ts'
import { shapeOf } from './record.ts'
import { unknownMigration } from './refuse.ts'
import { planJournalChange } from './restamp.ts'
import { newestSnapshot, objectsOf, type SchemaObject } from './snapshot.ts'
import { type Judged, recordOf } from './state.ts'

/**
 * Records everything up to a migration, inclusive, as applied, once what drizzle-kit's snapshot says it made
 * has been found in the database. Throws OpsError `not-there`, naming what is missing.
 */
export async function planBaseline(
  database: Database,
  inspection: Inspection,
  name: string,
): Promise<Change[]> {
  const { folder, judged } = inspection
  const last = judged.indexOf(fileNamed(inspection, name))
  const adopted = judged.slice(0, last + 1)
  const files = adopted.flatMap(({ migration }) => migration ?? [])
  const snapshot = newestSnapshot(folder, files)
  const missing = snapshot ? await missingObjects(database, objectsOf(snapshot)) : []
  if (missing.length > 0) throw notThere(name, missing)
  return adopted.flatMap(({ state, migration }): Change[] =>
    migration && ['pending', 'late', 'future'].includes(state.state)
      ? [insertion('baseline', migration, inspection)]
      : [],
  )
}

/** Records one migration as applied without running it. */
export function planMarkApplied(inspection: Inspection, name: string): Change[] {
  const { state, migration } = fileNamed(inspection, name)
  if (!migration || !['pending', 'late', 'future'].includes(state.state))
    throw wrongState(name, state.state, 'has not been applied')
  return [insertion('mark-applied', migration, inspection)]
}

/** Removes the row of a migration, so that it counts as never applied. */
export function planForget({ judged, history }: Inspection, name: string): Change[] {
  const found = judged.find(({ state, row }) => state.name === name && row)
  if (!found?.row)
    throw unknownMigration(
      name,
      judged.filter(({ row }) => row),
    )
  // stock drizzle takes no lock and may have recorded it more than once
  const { row } = found
  const alike = history.rows.filter(each => recordOf(each) === recordOf(row))
  return alike.map(({ id }) => ({ action: 'forget', name, edit: { kind: 'delete', id } }))
}

/** Takes every edited file for what was applied. */
export function planAcceptEdits({ judged }: Inspection): Change[] {
  return judged.flatMap(({ state, migration, row }): Change[] =>
    state.state === 'edited' && migration && row
      ? [
          {
            action: 'accept-edits',
            name: state.name,
            edit: { kind: 'hash', id: row.id, hash: migration.hash },
          },
        ]
      : [],
  )
}

/** The everyday remedy after a merge: a file that ran nowhere moves behind the newest applied, a row follows its file. */
export function planRestamp(inspection: Inspection, name: string, now: number): Change[] {
  const found = fileNamed(inspection, name)
  const { folder, history } = inspection
  const { migration, row, state } = found
  if (!migration) throw wrongState(name, state.state, 'has a file')
  if (row) {
    const edit = {
      kind: 'stamp',
      id: row.id,
      createdAt: migration.when,
      name: recordedName(migration, history.shape, folder.layout),
    } as const
    return state.state === 'restamped' ? [{ action: 'restamp', name, edit }] : []
  }
  if (folder.layout === 'folders') throw folderStampIsItsName(name)
  return [
    { action: 'restamp', name, edit: planJournalChange(folder, migration, newestOf(history.rows), now) },
  ]
}

function insertion(action: Change['action'], migration: Migration, { folder, history }: Inspection): Change {
  const shape =
    history.shape === 'none' || folder.layout === 'folders' ? shapeOf(folder.layout) : history.shape
  return { action, name: migration.name, edit: insertOf(migration, migration.hash, shape, folder.layout) }
}

function newestOf(rows: readonly HistoryRow[]): number {
  return Math.max(0, ...rows.map(row => row.createdAt ?? 0))
}

function fileNamed({ judged }: Inspection, name: string): Judged {
  const found = judged.find(({ state, migration }) => migration && state.name === name)
  if (!found)
    throw unknownMigration(
      name,
      judged.filter(({ migration }) => migration),
    )
  return found
}

function wrongState(name: string, state: string, wanted: string): OpsError {
  return new OpsError({
    code: 'migration-state',
    message: `${name} is ${state}; this is for a migration that ${wanted}.`,
    hint: 'drizzle-ops status lists the states.',
    exit: 2,
  })
}

function folderStampIsItsName(name: string): OpsError {
  return new OpsError({
    code: 'migration-state',
    message: `${name} ran nowhere yet, and drizzle 1.0 runs it wherever it stands in the order.`,
    hint: 'Rename its folder if the order matters; drizzle-ops migrate applies it as it is.',
    exit: 2,
  })
}

function notThere(name: string, missing: readonly SchemaObject[]): OpsError {
  const names = missing.slice(0, 5).map(describe)
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : ''
  return new OpsError({
    code: 'not-there',
    message: `The database does not hold what the migrations up to ${name} make: ${names.join(', ')}${more} missing.`,
    hint: 'Name an earlier migration, or bring the database to that state first.',
    known: { missing },
  })
}

function describe({ kind, schema, name, column }: SchemaObject): string {
  if (kind === 'schema') return `schema ${name}`
  return `${kind} ${schema}.${name}${column === undefined ? '' : `.${column}`}`
}
