import { OpsError } from '../errors.ts'
import type { Kit } from '../kit/kit.ts'
import { emptyState, ORIGIN } from '../kit/states.ts'
import { formatOf, type Value } from './derive-entities.ts'
import type { Migration, MigrationsFolder } from './folder.ts'
import { newestSnapshot, readSnapshot, snapshotFile } from './snapshot.ts'

/** The schema as one migration leaves it and as it found it. */
export interface States {
  readonly after: Value
  readonly before: Value
}

/**
 * What the snapshots say of a migration; undefined where it has none. Its predecessor is the one that its own
 * snapshot names, which is not always the one that stands before it in the folder.
 * Throws OpsError `snapshot-chain`, exit 2, where that one is gone.
 */
export async function statesOf(
  folder: MigrationsFolder,
  migration: Migration,
  kit: Kit,
): Promise<States | undefined> {
  const file = snapshotFile(folder, migration)
  if (file === undefined) return undefined
  const own = readSnapshot(file)
  if (folder.layout === 'folders') return flatStates(folder, migration, own, kit)
  if (own.version !== '7') throw outdated(migration, own)
  return {
    after: own,
    before: own.prevId === ORIGIN ? emptyState('journal') : parentOf(folder, migration, own.prevId),
  }
}

/** The schema as the newest migrations leave it: of several branches that 1.0 knows, what they come to together. */
export async function newestState(folder: MigrationsFolder, kit: Kit): Promise<Value> {
  const newest = newestSnapshot(folder, folder.migrations)
  if (newest === undefined) return emptyState(folder.layout)
  const own = readSnapshot(newest)
  if (folder.layout === 'journal') return own
  const snapshots = all(folder)
  const parents = new Set(Object.values(snapshots).flatMap(({ prevIds }) => prevIds as readonly string[]))
  const leaves = Object.values(snapshots).flatMap(({ id }) => (parents.has(String(id)) ? [] : [String(id)]))
  return leaves.length === 1 ? flatState(folder, own, kit) : mergedState(folder, leaves, kit)
}

async function flatStates(
  folder: MigrationsFolder,
  migration: Migration,
  own: Value,
  kit: Kit,
): Promise<States> {
  const parents = (own.prevIds as readonly string[]).filter(id => id !== ORIGIN)
  const [parent] = parents
  const after = await flatState(folder, own, kit)
  if (parent === undefined) return { after, before: emptyState('folders') }
  if (parents.length === 1)
    return { after, before: await flatState(folder, parentOf(folder, migration, parent), kit) }
  return { after, before: await mergedState(folder, parents, kit) }
}

async function flatState(folder: MigrationsFolder, snapshot: Value, kit: Kit): Promise<Value> {
  return formatOf(snapshot) === 'flat' ? snapshot : kit.reconstruct(all(folder), String(snapshot.id))
}

async function mergedState(folder: MigrationsFolder, parents: readonly string[], kit: Kit): Promise<Value> {
  return kit.reconstruct({ ...all(folder), [LAST]: mergeOf(parents) }, MERGE)
}

const MERGE = 'merge'
/** A folder that sorts after all others, as drizzle-kit sorts them. */
const LAST = '99999999999999_merge'

/** A snapshot that changes nothing: its state is that of its parents together. */
function mergeOf(prevIds: readonly string[]): Value {
  const empty = { footprints: [], deltas: [] }
  return { type: 'diff', version: '9', dialect: 'postgres', id: MERGE, prevIds, ...empty }
}

function all(folder: MigrationsFolder): Record<string, Value> {
  return Object.fromEntries(
    folder.migrations.flatMap(migration => {
      const file = snapshotFile(folder, migration)
      return file === undefined ? [] : [[migration.name, readSnapshot(file)]]
    }),
  )
}

function parentOf(folder: MigrationsFolder, migration: Migration, id: unknown): Value {
  for (const candidate of folder.migrations.toReversed()) {
    const file = candidate === migration ? undefined : snapshotFile(folder, candidate)
    const snapshot = file === undefined ? undefined : readSnapshot(file)
    if (snapshot && snapshot.id === id) return snapshot
  }
  throw new OpsError({
    code: 'snapshot-chain',
    message: `The snapshot of ${migration.name} follows one that is not in ${folder.path} (${id}), so what was before it is unknown.`,
    hint: 'Restore it from git, or write the way back into a down file.',
    exit: 2,
  })
}

function outdated(migration: Migration, { version }: Value): OpsError {
  return new OpsError({
    code: 'snapshot-chain',
    message: `The snapshot of ${migration.name} is of version ${version}, which drizzle-kit 0.31 does not read.`,
    hint: 'Run drizzle-kit up, or write the way back into a down file.',
    exit: 2,
  })
}
