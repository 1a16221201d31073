import type { Inspection } from '../migrations/inspect.ts'
import type { State } from '../migrations/state.ts'
import type { Difference } from './difference.ts'

/** What is wrong between the history and the files. What is only pending is no drift: `status` tells it. */
const WRONG: Partial<Record<State, Pick<Difference, 'expected' | 'found'>>> = {
  edited: { expected: 'the file as it was applied', found: 'a file that was changed since' },
  missing: { expected: 'a file for what was applied', found: null },
  late: { expected: 'applied before what is newer', found: 'not applied, and stock drizzle would skip it' },
  future: { expected: 'a time that has passed', found: 'a time in the future' },
}

export function historyDifferences({ judged }: Inspection): Difference[] {
  return judged.flatMap(({ state: { name, state, note } }) => {
    const wrong = state === 'missing' && note !== null ? undefined : WRONG[state]
    return wrong
      ? [
          {
            comparison: 'history',
            kind: 'migration',
            object: name,
            property: state,
            ...wrong,
            along: [],
            sql: null,
          } as const,
        ]
      : []
  })
}
