import type { Database } from '../database/database.ts'

export interface SessionFacts {
  /** The schemas in which names without one are looked for, in their order. */
  readonly searchPath: readonly string[]
  readonly timeZone: string
}

/** What the session's own settings make of a statement. */
export async function sessionFacts(database: Database): Promise<SessionFacts> {
  const [row] = await database.query<SessionFacts>`
    SELECT to_json(current_schemas(false)) AS "searchPath", current_setting('TimeZone') AS "timeZone"`
  return row ?? { searchPath: [], timeZone: '' }
}
