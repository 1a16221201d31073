import { join } from 'node:path'
import type { TestDatabase } from './databases.ts'
import { type Failure, type FailureOptions, failure, type Told, told, withSecret } from './failures.ts'
import { journalProject, type TestMigration } from './project.ts'

export interface MigrateFailure {
  readonly failed: Failure
  /** The file of the first migration that was pending. */
  readonly file: string
  /** What is expected, with what every such failure tells. */
  expected(facts: Omit<Told, 'exit' | 'database'> & { readonly exit?: number }): Failure
}

export interface MigrateOptions extends FailureOptions {
  readonly user?: string
  readonly flags?: readonly string[]
  /** How many of the migrations, from the end, have not been applied before. */
  readonly pending?: number
}

/** What `migrate` says where the first pending migration fails. */
export async function migrateFails(
  database: TestDatabase,
  migrations: readonly TestMigration[],
  { user = 'postgres', flags = [], pending = 1, ...options }: MigrateOptions = {},
): Promise<MigrateFailure> {
  const { root, out } = journalProject(migrations)
  const names = migrations.slice(-pending).map(({ name }) => name)
  const url = new URL(database.url)
  url.username = user
  const args = ['migrate', ...flags, '--url', withSecret(url.href)]
  const failed = await failure(args, { cwd: root, ...options })
  return {
    failed,
    file: join(out, `${names[0]}.sql`),
    expected: facts =>
      told({
        exit: 1,
        notes: [`Applying ${names[0]}`],
        database: { name: database.name, host: url.hostname, port: Number(url.port), user, source: '--url' },
        known: { applied: [], pending: names },
        ...facts,
      }),
  }
}
