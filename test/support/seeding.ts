import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SeedResult } from '../../src/seed/seed.ts'
import { freshDatabase, type TestDatabase } from './databases.ts'
import { documentOf, ops } from './program.ts'
import type { PostgresMajor } from './runtimes.ts'

/** The statements of test/seed/torture.sql. */
export const torture = readFileSync(join(import.meta.dirname, '../seed/torture.sql'), 'utf8')

export interface Seeding {
  readonly database: TestDatabase
  /** Runs `seed --yes` and returns its document; `args` come after it. */
  seed(...args: string[]): Promise<SeedResult>
}

/** A database of these statements. */
export async function seeding(major: PostgresMajor, statements: string): Promise<Seeding> {
  const database = await freshDatabase(major)
  await database.sql.unsafe(statements).simple()
  return {
    database,
    async seed(...args) {
      const outcome = await ops(['seed', '--yes', '--json', '--url', database.url, ...args])
      if (outcome.code !== 0) throw new Error(outcome.stdout)
      return documentOf<SeedResult>(outcome)
    },
  }
}

/** For each table its rows and a hash of all that is in them, whatever their order. */
export async function rowsOf({ sql }: TestDatabase): Promise<Map<string, { rows: number; hash: string }>> {
  const tables = await sql<{ title: string }[]>`
    SELECT format('%I.%I', nspname, relname) AS title FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND pg_class.oid >= 16384 AND nspname NOT IN ('drizzle', 'information_schema')
    ORDER BY 1`
  const found = new Map<string, { rows: number; hash: string }>()
  for (const { title } of tables) {
    const [row] = await sql.unsafe<{ rows: number; hash: string }[]>(
      `SELECT count(*)::int AS rows, md5(coalesce(string_agg(each::text, '' ORDER BY each::text COLLATE "C"), '')) AS hash FROM ${title} AS each`,
    )
    if (row) found.set(title, row)
  }
  return found
}
