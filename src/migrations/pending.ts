import type { Migration } from './folder.ts'
import type { Inspection } from './inspect.ts'
import { unknownMigration } from './refuse.ts'

/** Which of the migrations that are not applied a run is about. */
export interface PendingLimits {
  /** Risks granted by name: `late`. */
  readonly allow: readonly string[]
  /** The last migration to apply. */
  readonly to?: string | undefined
}

/** What is to be applied, in order. Throws OpsError `migration-unknown` for a `to` that no file bears. */
export function pendingOf({ judged }: Inspection, { allow, to }: PendingLimits): Migration[] {
  const last = to === undefined ? judged.length - 1 : judged.findIndex(({ state }) => state.name === to)
  if (last < 0 && to !== undefined) throw unknownMigration(to, judged)
  return judged.slice(0, last + 1).flatMap(({ state, migration }) => {
    const runs = state.state === 'pending' || (state.state === 'late' && allow.includes('late'))
    return runs && migration ? [migration] : []
  })
}

export function countApplied({ judged }: Inspection): number {
  return judged.filter(({ state: { state } }) => state === 'applied' || state === 'restamped').length
}
