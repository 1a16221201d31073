import { join } from 'node:path'
import { expect } from 'vitest'
import { freshDatabase, type TestDatabase } from './databases.ts'
import { documentOf, emptyFolder, type Outcome, ops } from './program.ts'
import { write } from './project.ts'
import type { PostgresMajor } from './runtimes.ts'

export interface CleanupDocument {
  readonly dryRun: boolean
  readonly policies: readonly {
    readonly name: string
    readonly cutoff: string | null
    readonly matched: number
    readonly deleted: number
    readonly cascaded: number
    readonly batches: number
    readonly stoppedBy: string | null
    readonly skippedLocked: number
    readonly resumed: boolean
    readonly vacuum: string
    readonly droppedPartitions: readonly string[]
    readonly longestBatchMs: number
  }[]
}

export interface Cleaning {
  readonly root: string
  readonly database: TestDatabase
  /** Runs `cleanup` with these arguments, agreed to, on the database. */
  cleanup(...args: string[]): Promise<Outcome>
  /** The same, which has to succeed: its document. */
  cleaned(...args: string[]): Promise<CleanupDocument>
}

/** A database and a project whose config holds these policies. */
export async function cleaning(major: PostgresMajor, policies: object, setUp: string): Promise<Cleaning> {
  const database = await freshDatabase(major)
  await database.sql.unsafe(setUp).simple()
  const root = emptyFolder()
  write(
    join(root, 'drizzle.config.ts'),
    `export default { dialect: 'postgresql' }\nexport const ops = { cleanup: ${JSON.stringify(policies)} }\n`,
  )
  const cleanup = (...args: string[]) =>
    ops(['cleanup', '--yes', '--url', database.url, ...args], { cwd: root })
  return {
    root,
    database,
    cleanup,
    cleaned: async (...args) => {
      const outcome = await cleanup('--json', ...args)
      expect(outcome.code, `${outcome.stdout}${outcome.stderr}`).toBe(0)
      return documentOf<CleanupDocument>(outcome)
    },
  }
}
