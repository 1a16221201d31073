import type { Database } from './database.ts'

/** Runs `work` between BEGIN and COMMIT. `begin` may add settings: `BEGIN; SET LOCAL lock_timeout = 300`. */
export async function withTransaction<T>(
  database: Database,
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
