import type { Database } from '../database/database.ts'
import { identifier } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { RUNS_TABLE } from '../migrations/bookkeeping.ts'
import type { Cursor } from './statements.ts'

/** How far a run has come: what the next one needs to go on. */
export interface Place {
  /** The oid of the leaf that it is at; null before the first batch. */
  readonly leaf: string | null
  readonly after: Cursor | null
  /** The columns that `after` is about: a policy may have been rewritten meanwhile. */
  readonly order: readonly string[]
  /** Where the deleted rows are written to, and how many bytes of it belong to committed batches. */
  readonly archive?: { readonly file: string; readonly bytes: number }
}

export const NOWHERE: Place = { leaf: null, after: null, order: [] }

/** A run that is written down. */
export interface Run {
  readonly id: number
  readonly cutoff: string | null
  readonly place: Place | null
  readonly deleted: number
}

/** The runs of one policy in the run table. */
export interface Runs {
  readonly schema: string
  readonly policy: string
  /** Tells this run's writing from that of another. */
  readonly holder: string
  /**
   * Milliseconds for which each batch keeps the policy to this run; null where a lock of the session's does. Behind a
   * transaction pooler no lock outlives a batch.
   */
  readonly lease: number | null
}

/**
 * Goes on with the newest run of a policy, if it has not come to its end and still is what the policy asks for, or
 * begins a new one. To be called under the lock. Throws OpsError `lock-held` where another run has leased it.
 */
export async function takeRun(
  database: Database,
  runs: Runs,
  wanted: { readonly cutoff: string | null; readonly order: readonly string[]; readonly restart: boolean },
): Promise<{ readonly run: Run; readonly resumed: boolean }> {
  const open = await openRun(database, runs)
  if (runs.lease !== null && open?.leased) throw leased(runs)
  if (!open || wanted.restart || !goesOn(open, wanted))
    return { run: await beginRun(database, runs, wanted.cutoff), resumed: false }
  const { id, cutoff, place, deleted } = open
  const run = { id, cutoff, place, deleted }
  await saveRun(database, runs, run)
  return { run, resumed: true }
}

/** A policy that spares more than it did, or walks another way, must not go on with what was stored before. */
function goesOn(
  { cutoff, place }: Run,
  wanted: { readonly cutoff: string | null; readonly order: readonly string[] },
): boolean {
  const sparesNoMore =
    cutoff === null || wanted.cutoff === null ? cutoff === wanted.cutoff : cutoff <= wanted.cutoff
  return sparesNoMore && (!place?.after || place.order.join() === wanted.order.join())
}

async function openRun(
  database: Database,
  { schema, policy }: Runs,
): Promise<(Run & { readonly leased: boolean }) | undefined> {
  const [run] = await database.query<Run & { finished: boolean; leased: boolean }>`
    SELECT id::float8 AS id, deleted::float8 AS deleted, cursor AS place, finished_at IS NOT NULL AS finished,
           coalesce(leased_until > clock_timestamp(), false) AS leased,
           to_char(cutoff AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS cutoff
    FROM ${identifier(database.sql, schema, RUNS_TABLE)}
    WHERE command = 'cleanup' AND policy = ${policy}
    ORDER BY id DESC LIMIT 1`
  return run && !run.finished ? run : undefined
}

async function beginRun(
  database: Database,
  { schema, policy, holder, lease }: Runs,
  cutoff: string | null,
): Promise<Run> {
  const [row] = await database.query<{ id: number }>`
    INSERT INTO ${identifier(database.sql, schema, RUNS_TABLE)} (command, policy, cutoff, holder, leased_until)
    VALUES ('cleanup', ${policy}, ${cutoff}::timestamptz, ${holder}, ${until(database, lease)})
    RETURNING id::float8 AS id`
  return { id: row?.id ?? 0, cutoff, place: null, deleted: 0 }
}

/** At the beginning of a batch. Throws OpsError `lock-held` where the lease ran out and another run has taken over. */
export async function confirmRun(database: Database, runs: Runs, { id }: Run): Promise<void> {
  if (runs.lease === null) return
  const [row] = await database.query<{ ours: boolean }>`
    SELECT holder = ${runs.holder} AS ours
    FROM ${identifier(database.sql, runs.schema, RUNS_TABLE)}
    WHERE command = 'cleanup' AND policy = ${runs.policy} AND id >= ${id}
    ORDER BY id DESC LIMIT 1`
  if (!row?.ours) throw leased(runs)
}

/** Within the transaction of a batch: the place and the deletion are one. */
export async function saveRun(database: Database, { schema, holder, lease }: Runs, run: Run): Promise<void> {
  await database.query`
    UPDATE ${identifier(database.sql, schema, RUNS_TABLE)}
    SET cursor = ${JSON.stringify(run.place)}::text::jsonb, deleted = ${run.deleted}, stopped_by = NULL,
        holder = ${holder}, leased_until = ${until(database, lease)}
    WHERE id = ${run.id}`
}

/** `stoppedBy` null is the end; anything else leaves the run to be resumed. */
export async function endRun(
  database: Database,
  { schema, holder }: Runs,
  run: Run,
  stoppedBy: string | null,
): Promise<void> {
  await database.query`
    UPDATE ${identifier(database.sql, schema, RUNS_TABLE)}
    SET finished_at = CASE WHEN ${stoppedBy}::text IS NULL THEN clock_timestamp() END, stopped_by = ${stoppedBy},
        leased_until = NULL
    WHERE id = ${run.id} AND holder = ${holder}`
}

/** Bytes of an archive that committed batches have written, of whichever policy. */
export async function archivedBytes(database: Database, { schema }: Runs, file: string): Promise<number> {
  const [row] = await database.query<{ bytes: number | null }>`
    SELECT max((cursor -> 'archive' ->> 'bytes')::float8) AS bytes
    FROM ${identifier(database.sql, schema, RUNS_TABLE)}
    WHERE command = 'cleanup' AND cursor -> 'archive' ->> 'file' = ${file}`
  return row?.bytes ?? 0
}

function until({ sql }: Database, lease: number | null) {
  return lease === null ? sql`NULL` : sql`clock_timestamp() + ${lease}::float8 * interval '1 millisecond'`
}

function leased({ policy }: Runs): OpsError {
  return new OpsError({
    code: 'lock-held',
    message: `Another run of the policy ${policy} is at work.`,
    hint: 'Try again when it has finished.',
    exit: 5,
  })
}
