import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import type { Note } from './report.ts'

/** The note that part of the rows is other roles' and hidden from ours, and the GRANT; none where nothing is. */
export function hidden(allStats: boolean, { identity }: Database, count: number, what: string): Note[] {
  if (allStats || count === 0) return []
  return [
    {
      message: `${count === 1 ? `1 ${what} of another role is` : `${count} ${what}s of other roles are`} hidden from ${identity.user}.`,
      fix: `GRANT pg_monitor TO ${quoted(identity.user)};`,
    },
  ]
}
