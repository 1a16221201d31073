import type { Sql } from 'postgres'
import { expect } from 'vitest'

/** The process id of drizzle-ops's session once it is busy with such a query. */
export async function busyWith(sql: Sql, query: string): Promise<number> {
  let pid: number | undefined
  await expect
    .poll(
      async () => {
        const [row] = await sql<{ pid: number }[]>`
          SELECT pid FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'active' AND application_name LIKE 'drizzle-ops%'
            AND strpos(query, ${query}) > 0 AND pid <> pg_backend_pid()`
        pid = row?.pid
        return pid
      },
      { interval: 10, timeout: 10_000 },
    )
    .toBeDefined()
  return Number(pid)
}

/** Returns once drizzle-ops has no session in this database. */
export async function expectNoSession(sql: Sql): Promise<void> {
  await expect
    .poll(
      () => sql<{ query: string }[]>`
        SELECT application_name, state, query FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'drizzle-ops%'`,
      { interval: 10, timeout: 2000 },
    )
    .toEqual([])
}
