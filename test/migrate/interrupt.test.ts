import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import type { MigrateDocument } from '../support/migrate.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

const migrations = ['a', 'b', 'c'].map((name, at) => ({
  name: `000${at}_${name}`,
  sql: `CREATE TABLE ${name} (id int)`,
}))

describe.each(majors())('migrate on PostgreSQL %i', major => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stopped by %s before a file, records nothing that has not run',
    async signal => {
      for (let round = 0; round < 10; round += 1) {
        const database = await freshDatabase(major)
        const { root } = journalProject(migrations)
        const args = ['migrate', '--json', '--url', database.url]
        const stopped = await ops(args, { cwd: root, interrupt: { signal, seen: /Applying 0001_b/ } })
        expect(stopped.code).toBe(signal === 'SIGINT' ? 130 : 143)
        const made = await database.sql<{ name: string }[]>`
        SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`
        const recorded = await database.sql`SELECT FROM drizzle.__drizzle_migrations`
        expect(recorded).toHaveLength(made.length)
        expect(documentOf(stopped)).toMatchObject({
          applied: made.map(({ name }, at) => ({ name: `000${at}_${name}` })),
          pending: migrations.slice(made.length).map(({ name }) => name),
          error: { code: 'interrupted' },
        })
        const again = await ops(args, { cwd: root })
        expect(documentOf(again)).toMatchObject({ alreadyApplied: made.length, pending: [] })
      }
    },
  )

  it('stopped at any moment of a file, keeps all of it or nothing', async () => {
    const steps = ['a', 'b', 'c', 'd'].map(
      name => `CREATE TABLE ${name} (id int);\n--> statement-breakpoint\nSELECT pg_sleep(0.05);`,
    )
    const slow = ['0000_slow', '0001_slower'].map((name, at) => ({
      name,
      sql: steps.join('\n--> statement-breakpoint\n').replaceAll(' (id', `${at} (id`),
    }))
    for (let round = 0; round < 6; round += 1) {
      const database = await freshDatabase(major)
      const { root } = journalProject(slow)
      const stopped = await run(['migrate', '--json', '--url', database.url], {
        cwd: root,
        signalAfter: { signal: 'SIGTERM', seen: /Applying 0000/, ms: randomInt(450) },
      })
      // null: the signal came when all was done and nobody listened any more, which a shell shows as 143
      expect([0, 143, null]).toContain(stopped.code)
      const [found] = await database.sql<{ tables: number; rows: number }[]>`
        SELECT (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS tables,
               (SELECT count(*)::int FROM drizzle.__drizzle_migrations) AS rows`
      expect(found?.tables).toBe(4 * Number(found?.rows))
      expect(documentOf<MigrateDocument>(stopped).applied).toHaveLength(Number(found?.rows))
    }
  })
})
