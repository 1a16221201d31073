import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

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
})
