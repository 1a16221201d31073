import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import * as schema from '../../src/platform/schema/index.ts'
import type { Db } from '../../src/platform/services/db.ts'
import { createProject } from '../../src/platform/services/projects.ts'
import { createUser } from '../../src/platform/services/users.ts'
import { afterTest } from './cleanup.ts'
import { connect } from './client.ts'
import { clone, type TestDatabase, template } from './databases.ts'
import type { PostgresMajor } from './runtimes.ts'

const folder = join(import.meta.dirname, '../../drizzle')

/** The platform's tables as its migrations make them, without a history. */
const platform = template('platform', async ({ sql }) => {
  const { entries } = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[]
  }
  for (const { tag } of entries) await sql.unsafe(readFileSync(join(folder, `${tag}.sql`), 'utf8')).simple()
})

export interface PlatformDatabase extends TestDatabase {
  /** Drizzle on several connections, as an application has it. */
  readonly db: Db
}

export async function platformDatabase(major?: PostgresMajor): Promise<PlatformDatabase> {
  const database = await clone(platform, major)
  const client = connect(database.url, 10)
  afterTest(() => client.end())
  return { ...database, db: drizzle(client, { schema }) }
}

/** A user and a project of theirs. */
export async function userWithProject(db: Db, id = 'ada') {
  const user = await createUser(db, { id, email: `${id}@example.com`, name: id })
  const project = await createProject(db, { userId: id, name: 'Notes', description: 'Where notes go' })
  return { user, project }
}
