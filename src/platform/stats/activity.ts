import type { Database } from '../../database/database.ts'

export interface DayOfActivity {
  /** `2026-11-21`, in UTC. */
  readonly day: string
  readonly messages: number
  /** Users with a session that was last active on that day. */
  readonly activeUsers: number
  readonly newUsers: number
  readonly newProjects: number
}

/** The last 30 days, today first; a day without anything has its row too. */
export async function dailyActivity(database: Database): Promise<DayOfActivity[]> {
  return database.query<DayOfActivity>`
    WITH days AS (
      SELECT day, day AT TIME ZONE 'UTC' AS since, (day + interval '1 day') AT TIME ZONE 'UTC' AS until
      FROM (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') - number * interval '1 day' AS day
            FROM generate_series(0, 29) AS number) AS counted)
    SELECT to_char(days.day, 'YYYY-MM-DD') AS day,
           (SELECT count(*) FROM messages WHERE created_at >= days.since AND created_at < days.until)::float8 AS messages,
           (SELECT count(DISTINCT user_id) FROM sessions
            WHERE last_active_at >= days.since AND last_active_at < days.until)::float8 AS "activeUsers",
           (SELECT count(*) FROM users WHERE created_at >= days.since AND created_at < days.until)::float8 AS "newUsers",
           (SELECT count(*) FROM projects WHERE created_at >= days.since AND created_at < days.until)::float8 AS "newProjects"
    FROM days
    ORDER BY days.day DESC`
}
