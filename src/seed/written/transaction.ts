import type { Database } from '../../database/database.ts'

/** Runs `work` in one transaction and keeps what it did, or takes it back where it is a dry run. */
export async function keptUnless<T>(database: Database, dryRun: boolean, work: () => Promise<T>): Promise<T> {
  await database.script('BEGIN')
  try {
    const result = await work()
    // a dry run meets what only COMMIT would find
    await database.script(dryRun ? 'SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK' : 'COMMIT')
    return result
  } catch (error) {
    await database.script('ROLLBACK').catch(() => {})
    throw error
  }
}
