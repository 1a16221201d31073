import type { Database } from './database.ts'

/** Runs `work` between BEGIN and COMMIT. `begin` may add settings: `BEGIN; SET LOCAL lock_timeout = 300`. */
export async function withTransaction<T>(
  database: Pick<Database, 'script'>,
  begin: string,
  work: () => Promise<T>,
): Promise<T> {
  await database.script(begin)
  try {
    const result = await work()
    await database.script('COMMIT')
    return result
  } catch (error) {
    // the connection may be the very thing that failed; the first error is the one to tell
    await database.script('ROLLBACK').catch(() => {})
    throw error
  }
}

/**
 * The same for statements that need no answer from each other: they and COMMIT leave in one go. After a failure
 * the server refuses the rest, and its COMMIT rolls back. BEGIN is waited for, since without it all would commit.
 * `send` sends all of them or throws: one that it left out would be missing from what is committed.
 * Throws the first failure.
 */
export async function withPipeline(
  database: Database,
  begin: () => Promise<unknown>,
  send: () => readonly Promise<unknown>[],
): Promise<void> {
  await begin()
  try {
    const outcomes = await Promise.allSettled([...send(), database.script('COMMIT')])
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed) throw failed.reason
  } catch (error) {
    await database.script('ROLLBACK').catch(() => {})
    throw error
  }
}
