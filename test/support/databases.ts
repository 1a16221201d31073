import { randomBytes } from 'node:crypto'
import type { Sql } from 'postgres'
import { urlOf } from './address.ts'
import { afterFile, afterTest } from './cleanup.ts'
import { connect } from './client.ts'
import { dump } from './dump.ts'
import type { PostgresMajor } from './runtimes.ts'
import { admin, newestMajor, sharedServer } from './shared-servers.ts'

export interface TestDatabase {
  readonly major: PostgresMajor
  readonly name: string
  readonly url: string
  readonly sql: Sql
  dump(): Promise<string>
}

export interface Template {
  /** Builds the database at the first call for a version and returns its name. */
  on(major: PostgresMajor): Promise<string>
}

/** An empty database, dropped when the test ends, or the file if it was made outside of a test. */
export async function freshDatabase(major = newestMajor()): Promise<TestDatabase> {
  const database = await create(major, 'test', 'template0')
  afterTest(() => drop(database))
  return database
}

/** A database that is built once for each version and file, for tests that each take a `clone` of it. */
export function template(name: string, build: (database: TestDatabase) => Promise<void>): Template {
  const built = new Map<PostgresMajor, Promise<string>>()
  return {
    on(major) {
      const database = built.get(major) ?? buildTemplate(name, major, build)
      built.set(major, database)
      return database
    },
  }
}

export async function clone(source: Template, major = newestMajor()): Promise<TestDatabase> {
  const database = await create(major, 'test', await source.on(major))
  afterTest(() => drop(database))
  return database
}

async function buildTemplate(
  name: string,
  major: PostgresMajor,
  build: (database: TestDatabase) => Promise<void>,
) {
  const database = await create(major, `template_${name}`, 'template0')
  afterFile(() => drop(database))
  await build(database)
  await database.sql.end()
  await disconnect(major, database.name)
  return database.name
}

async function create(major: PostgresMajor, prefix: string, from: string): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(6).toString('hex')}`
  const sql = admin(major)
  await sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(from)}`
  const url = urlOf(sharedServer(major), name)
  const client = connect(url)
  return { major, name, url, sql: client, dump: () => dump(client) }
}

async function drop({ major, name, sql }: TestDatabase) {
  await sql.end({ timeout: 0 })
  await disconnect(major, name)
  const superuser = admin(major)
  await superuser`DROP DATABASE IF EXISTS ${superuser(name)} WITH (FORCE)`
}

// CREATE and DROP DATABASE look only every 100 ms whether the database is free.
async function disconnect(major: PostgresMajor, name: string) {
  const sql = admin(major)
  for (let round = 0; round < 100; round += 1) {
    const left = await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`
    if (left.length === 0) return
  }
}
