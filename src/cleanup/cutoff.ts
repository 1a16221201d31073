import type { Database } from '../database/database.ts'
import type { Policy } from './policies.ts'

/** The instant before which a policy takes rows: by the server's clock, asked once, never again during the run. */
export async function cutoffOf(database: Database, policy: Policy): Promise<string | null> {
  if (policy.kind === 'orphans') return null
  const [row] = await database.query<{ cutoff: string }>`
    SELECT to_char((now() - ${policy.olderThan}::float8 * interval '1 millisecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS cutoff`
  return row?.cutoff ?? null
}
