import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { emptyProject, journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const users = {
  name: '0000_users',
  sql: 'CREATE TABLE users (id int PRIMARY KEY);\n--> statement-breakpoint\nINSERT INTO users VALUES (1);',
}
const posts = { name: '0001_posts', sql: 'CREATE TABLE posts (id int PRIMARY KEY REFERENCES users);' }

describe.each(majors())('migrate on PostgreSQL %i', major => {
  it('applies what is pending, once', async () => {
    const database = await freshDatabase(major)
    const { root } = journalProject([users, posts])
    const first = await ops(['migrate', '--json', '--url', database.url], { cwd: root })
    expect(first.stderr).toBe('Applying 0000_users\nApplying 0001_posts\n')
    expect(documentOf(first)).toMatchObject({
      applied: [
        { name: '0000_users', statements: 2, transaction: 'file' },
        { name: '0001_posts', statements: 1, transaction: 'file' },
      ],
      pending: [],
      alreadyApplied: 0,
    })
    const second = await ops(['migrate', '--json', '--url', database.url], { cwd: root })
    expect(documentOf(second)).toMatchObject({ applied: [], alreadyApplied: 2 })
    expect(second.code).toBe(0)
  })
})

it('makes no database for a project without migrations', async () => {
  const { url, name, sql } = await freshDatabase()
  const missing = `${name}_missing`
  const { root } = emptyProject()
  const { code } = await ops(['migrate', '--create-database', '--url', url.replace(name, missing)], {
    cwd: root,
  })
  expect(code).toBe(2)
  expect(await sql`SELECT FROM pg_database WHERE datname = ${missing}`).toHaveLength(0)
})
