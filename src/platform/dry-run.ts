import type { Db } from './services/db.ts'

/** Does what `work` does, and takes it back where it is a dry run: the result is the same. */
export async function performed<T>(db: Db, dryRun: boolean, work: (tx: Db) => Promise<T>): Promise<T> {
  let done: { readonly result: T } | undefined
  const whole = db.transaction(async tx => {
    done = { result: await work(tx) }
    if (dryRun) tx.rollback()
    return done.result
  })
  return whole.catch(error => {
    if (dryRun && done) return done.result
    throw error
  })
}
