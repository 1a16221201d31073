import { drizzle } from 'drizzle-orm/postgres-js'
import { describe, expect, it } from 'vitest'
import * as schema from '../../src/platform/schema/index.ts'
import { listProjects } from '../../src/platform/services/project-lists.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { platformDatabase } from '../support/platform.ts'
import { majors } from '../support/shared-servers.ts'

describe.each(majors())('the list of projects on PostgreSQL %i', major => {
  it('reads an index, newest first, and counts only where that is asked for', async () => {
    const { url, sql } = await platformDatabase(major)
    await sql`INSERT INTO users (id, email) SELECT 'u' || n, n || '@example.com' FROM generate_series(1, 50) n`
    await sql`
      INSERT INTO projects (user_id, name, description, updated_at)
      SELECT 'u' || 1 + n % 50, 'p', '', now() - n * interval '1 minute' FROM generate_series(1, 20000) n`
    await sql`ANALYZE projects`
    const client = connect(url, 1)
    afterTest(() => client.end())
    const sent: [text: string, parameters: unknown[]][] = []
    const db = drizzle(client, { schema, logger: { logQuery: (...query) => void sent.push(query) } })
    const plan = async (
      ...list: Parameters<typeof listProjects> extends [unknown, ...infer Rest] ? Rest : never
    ) => {
      const { next } = await listProjects(db, ...list)
      const [text, parameters] = sent.at(-1) ?? ['', []]
      const rows = await client.unsafe(`EXPLAIN (COSTS OFF) ${text}`, parameters as never[])
      return { next, plan: rows.map(row => row['QUERY PLAN']).join('\n') }
    }
    const all = await plan({}, { limit: 50 })
    expect(all.plan).toMatch(
      /^Limit\n {2}-> {2}Index Scan using projects_updated_at_id_idx on projects\n {8}Filter/,
    )
    const next = await plan({}, { limit: 50, after: all.next ?? '' })
    expect(next.plan).toMatch(
      /^Limit\n {2}-> {2}Index Scan using projects_updated_at_id_idx on projects\n {8}Index Cond: \(ROW/,
    )
    const users = await plan({ userId: 'u7' }, { limit: 10 })
    expect(users.plan).toContain('Index Scan using projects_user_id_updated_at_idx on projects')
    expect([all, next, users].some(({ plan }) => plan.includes('Aggregate'))).toBe(false)
    expect((await plan({}, { limit: 50, count: true })).plan).toContain('Aggregate')
  })
})
