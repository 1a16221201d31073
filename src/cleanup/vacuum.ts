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
 * standbys; `warnings` are what the server said meanwhile: a VACUUM that it skips ends as if it were done.
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
  const before = warnings.length
  // a pooler's session is not ours to set
  const ours = database.server.pooler !== 'transaction'
  if (ours) await database.script('SET statement_timeout = 0')
  try {
    for (const leaf of leaves)
      await database.script(`VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE off) ${quoted(leaf.schema, leaf.name)}`)
  } catch (error) {
    if (error instanceof OpsError && error.sqlstate === '55P03') return 'locked'
    throw error
  } finally {
    if (ours) await database.script(timeouts(database.settings)).catch(() => {})
  }
  return warnings.length > before ? 'locked' : 'done'
}
