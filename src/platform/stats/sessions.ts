import { INSTANT } from '../../catalog/instant.ts'
import type { Database } from '../../database/database.ts'

export interface SessionState {
  readonly status: string
  readonly sessions: number
  /** Past `expires_at`, whatever the status says. */
  readonly expired: number
  readonly users: number
  /** ISO 8601. */
  readonly lastActive: string | null
}

export async function sessionStates(database: Database): Promise<SessionState[]> {
  return database.query<SessionState>`
    SELECT status::text AS status, count(*)::float8 AS sessions,
           count(*) FILTER (WHERE expires_at < now())::float8 AS expired, count(DISTINCT user_id)::float8 AS users,
           to_char(max(last_active_at) AT TIME ZONE 'UTC', ${INSTANT}) AS "lastActive"
    FROM sessions
    GROUP BY sessions.status
    ORDER BY sessions DESC, status`
}
