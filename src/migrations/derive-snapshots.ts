import { OpsError } from '../errors.ts'
import type { Kit } from '../kit/kit.ts'
import { emptyState, ORIGIN } from '../kit/states.ts'
import { formatOf, type Value } from './derive-entities.ts'
import type { Migration, MigrationsFolder } from './folder.ts'
import { readSnapshot, snapshotFile } from './snapshot.ts'

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

async function flatStates(
  folder: MigrationsFolder,
  migration: Migration,
  own: Value,
  kit: Kit,
): Promise<States> {
  const stateOf = async (snapshot: Value) =>
    formatOf(snapshot) === 'flat' ? snapshot : kit.reconstruct(all(folder), String(snapshot.id))
  const parents = (own.prevIds as readonly string[]).filter(id => id !== ORIGIN)
  const [parent] = parents
  const after = await stateOf(own)
  if (parent === undefined) return { after, before: emptyState('folders') }
  if (parents.length === 1) return { after, before: await stateOf(parentOf(folder, migration, parent)) }
  return { after, before: await kit.reconstruct({ ...all(folder), '~': mergeOf(parents) }, MERGE) }
}

const MERGE = 'merge'

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
