import type { Context } from '../command.ts'
import type { StageProgress } from './stage.ts'

/** Tells how far the reading of an archive has come, and how fast. */
export function progressOf({ report }: Context): StageProgress {
  const started = performance.now()
  let total = 0
  return {
    staged: (load, rows) => {
      total += rows
      const rate = Math.round(total / ((performance.now() - started) / 1000))
      report.progress(`Reading ${load.archived.table}: ${total} rows, ${rate} a second`)
    },
  }
}
