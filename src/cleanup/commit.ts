import type { Leaf } from '../catalog/leaves.ts'
import { type TableChanges, transactionChanges } from '../catalog/transaction-changes.ts'
import { sessionsWaitingForUs } from '../catalog/waiting-for-us.ts'
import { quoted } from '../database/identifier.ts'
import { withLockedTransaction } from '../database/lock.ts'
import { settingsWithin } from '../database/settings.ts'
import { withTransaction } from '../database/transaction.ts'
import { RUNS_TABLE } from '../migrations/bookkeeping.ts'
import { placeOf } from './archive-file.ts'
import { type Batch, type BatchRange, deleteBatch } from './batch.ts'
import { isBlocking } from './references.ts'
import { confirmRun, NOWHERE, saveRun } from './runs.ts'
import type { Sweep } from './statements.ts'
import { deleteStretch, findEnd } from './stretch.ts'
import type { Subject } from './subject.ts'
import type { Work } from './work.ts'

/** A batch that is committed. */
export interface Committed {
  readonly batch: Batch
  readonly ms: number
  /** Sessions that waited for a row of the batch. */
  readonly waiting: number
}

/** Milliseconds that a batch waits for a row that somebody has locked: its own rows are waited for meanwhile. */
const ROW_TIMEOUT = 10

/**
 * The rows, their archive and the place in the run: all of them or none. `moves` says whether the run has come as far
 * as the batch.
 */
export async function commitBatch(
  work: Work,
  sweep: Sweep,
  range: BatchRange,
  moves: boolean,
): Promise<Committed> {
  const { database, archive, runs, tally } = work
  const started = performance.now()
  const result = await inTransaction(work, async () => {
    if (runs) await confirmRun(database, runs, work.run)
    await database.script(`${lockTables(sweep.leaf, work.subject)}; SET LOCAL lock_timeout = ${ROW_TIMEOUT}`)
    const perform = await batchOf(work, sweep, range)
    // in one go: whoever waits for a row waits for every answer that we wait for
    const [before, batch, after, waiting] = await Promise.all([
      transactionChanges(database),
      perform(),
      transactionChanges(database),
      sessionsWaitingForUs(database),
    ])
    const cascaded = difference(before, after, sweep.leaf, batch.deleted)
    if (batch.rows && archive) await archive.append(batch.rows)
    const place =
      moves && batch.last
        ? { leaf: sweep.leaf.oid, after: batch.last, order: sweep.order.map(({ name }) => name) }
        : work.run.place
    const run = {
      ...work.run,
      deleted: work.run.deleted + batch.deleted,
      place: archive ? { ...(place ?? NOWHERE), archive: placeOf(archive) } : place,
    }
    if (runs) await saveRun(database, runs, run)
    return { batch, cascaded, waiting, run }
  })
  work.run = result.run
  for (const [table, rows] of result.cascaded)
    tally.cascaded.set(table, (tally.cascaded.get(table) ?? 0) + rows)
  return { batch: result.batch, waiting: result.waiting, ms: performance.now() - started }
}

/** Looks where the batch ends, where it can go as one stretch: no row's place is asked for, and no number is a limit. */
async function batchOf(
  { database, archive, limits }: Work,
  sweep: Sweep,
  range: BatchRange,
): Promise<() => Promise<Batch>> {
  const keepsRows = archive !== undefined
  const isFree = range.taking === 'all' && !keepsRows && limits.maxRows === Number.POSITIVE_INFINITY
  const stretch = sweep.dense && isFree && !('among' in range) ? range : undefined
  const last = stretch ? await findEnd(database, sweep, stretch, range.limit) : null
  return stretch && last
    ? () => deleteStretch(database, sweep, stretch.after, last, range.limit)
    : () => deleteBatch(database, sweep, range, keepsRows)
}

/**
 * What the DELETE and its cascades would lock as well, but with the patience that a table is worth, as while somebody
 * makes an index. Cascades are carried out with the rights of the tables' owners, a LOCK with our own.
 */
function lockTables({ schema, name }: Leaf, { references }: Subject): string {
  const changed = references.filter(({ key, onDelete }) => key.mayLock && !isBlocking(onDelete))
  const children = changed.map(
    ({ child }) => `${child.partitioned ? '' : 'ONLY '}${quoted(child.schema, child.name)}`,
  )
  return `LOCK TABLE ${[...new Set([`ONLY ${quoted(schema, name)}`, ...children])].join(', ')} IN ROW EXCLUSIVE MODE`
}

/**
 * Instants and numbers as text that every session reads alike. By its estimate a batch of a large table is dear enough
 * to compile, each time anew: https://www.postgresql.org/docs/current/jit-decision.html
 */
const WITHIN =
  "SET LOCAL jit = off; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 3"

/** A transaction pooler gives every transaction another session, so there the lock is taken with each of them. */
export async function inTransaction<T>(
  { database, context, key }: Pick<Work, 'database' | 'context' | 'key'>,
  work: () => Promise<T>,
): Promise<T> {
  const settings = `${settingsWithin(database)}; ${WITHIN}`
  return database.server.pooler === 'transaction'
    ? withLockedTransaction(database, settings, key, { limit: 0, signal: context.signal, waiting() {} }, work)
    : withTransaction(database, `BEGIN; ${settings}`, work)
}

/** What foreign keys' actions did, in the table itself as well where it refers to itself. */
function difference(
  before: readonly TableChanges[],
  after: readonly TableChanges[],
  { schema, name }: Leaf,
  own: number,
): Map<string, number> {
  const had = new Map(before.map(each => [each.table, each.deleted + each.updated]))
  const rowsOf = ({ table, deleted, updated }: TableChanges) =>
    deleted + updated - (had.get(table) ?? 0) - (table === `${schema}.${name}` ? own : 0)
  return new Map(
    after
      .filter(({ table }) => !table.endsWith(`.${RUNS_TABLE}`))
      .map(each => [each.table, rowsOf(each)] as const)
      .filter(([, rows]) => rows > 0),
  )
}
