import { lastVacuum } from '../catalog/last-vacuum.ts'
import type { Leaf } from '../catalog/leaves.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { timeouts } from '../database/settings.ts'
import { OpsError } from '../errors.ts'

/** Of a leaf's rows: fewer are autovacuum's. */
const WORTHWHILE = 0.1

/** What became of the VACUUM after a sweep. */
export type Vacuumed = 'done' | 'not-worthwhile' | 'not-owner' | 'locked' | 'left-out'

/**
 * Vacuums what a sweep has emptied. Without its truncation, which takes an ACCESS EXCLUSIVE lock and cancels queries of
 * standbys; `warnings` are what the server says meanwhile.
 */
export async function vacuum(
  database: Database,
  leaves: readonly Leaf[],
  deleted: number,
  warnings: readonly string[],
): Promise<Vacuumed> {
  const rows = leaves.reduce((sum, leaf) => sum + Math.max(leaf.rows, 0), 0)
  if (deleted === 0 || deleted < rows * WORTHWHILE) return 'not-worthwhile'
  if (leaves.some(({ mayVacuum }) => !mayVacuum)) return 'not-owner'
  // a pooler's session is not ours to set
  const ours = database.server.pooler !== 'transaction'
  if (ours) await database.script('SET statement_timeout = 0')
  try {
    let skipped = false
    for (const leaf of leaves) skipped = (await isSkipped(database, leaf, warnings)) || skipped
    return skipped ? 'locked' : 'done'
  } catch (error) {
    if (error instanceof OpsError && error.sqlstate === '55P03') return 'locked'
    throw error
  } finally {
    if (ours) await database.script(timeouts(database.settings)).catch(() => {})
  }
}

/**
 * A VACUUM that the server skips ends as if it were done, but with a warning. So may one that is done, where an index
 * calls a function that has something to say; then the server has noted it.
 */
async function isSkipped(
  database: Database,
  { oid, schema, name }: Leaf,
  warnings: readonly string[],
): Promise<boolean> {
  const warned = warnings.length
  const before = await lastVacuum(database, oid)
  await database.script(`VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE off) ${quoted(schema, name)}`)
  return warnings.length > warned && (await lastVacuum(database, oid)) === before
}
