import type { Archive } from '../archive/read.ts'
import type { Context } from '../command.ts'
import { milliseconds } from '../output/words.ts'
import type { StageProgress } from './stage.ts'
import type { LoadTable } from './tables.ts'

/** Tells how far the reading of an archive has come, how fast, and how long it will go on. */
export function progressOf({ report }: Context, archive: Archive): StageProgress {
  const started = performance.now()
  let total = 0
  return {
    staged: (load, rows) => {
      total += rows
      const elapsed = performance.now() - started
      const rate = Math.round(total / (elapsed / 1000))
      const left = timeLeft(elapsed, archive.share())
      report.progress(`Reading ${load.archived.table}: ${total} rows, ${rate} a second${left}`)
    },
  }
}

/** Tells which rows are being inserted; to be called before each component, with what has been read of each table. */
export function placingProgress(
  { report }: Context,
  read: ReadonlyMap<LoadTable, number>,
): (component: readonly LoadTable[]) => void {
  const started = performance.now()
  const rowsOf = (tables: Iterable<LoadTable>) =>
    [...tables].reduce((sum, load) => sum + (read.get(load) ?? 0), 0)
  const total = rowsOf([...read.keys()].filter(({ matched }) => !matched))
  let placed = 0
  return component => {
    const left = timeLeft(performance.now() - started, placed / total)
    const names = component.map(({ archived }) => archived.table).join(', ')
    report.progress(`Inserting ${names}: ${placed} of ${total} rows are in place${left}`)
    placed += rowsOf(component)
  }
}

/** As much again for what is left as it took for what is done; nothing while too little is done to tell. */
export function timeLeft(elapsed: number, share: number | undefined): string {
  if (share === undefined || Number.isNaN(share) || share < 0.01) return ''
  const left = (elapsed * (1 - share)) / share
  return left < 1000 ? '' : `, ${milliseconds(Math.round(left / 1000) * 1000)} left`
}
