import { type StatementStatistics, statementStatistics } from '../catalog/statement-statistics.ts'
import { type StatementUse, statementsSince, statementUses } from '../catalog/statements.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import type { Note } from './report.ts'

export interface CountedStatements {
  readonly uses: StatementUse[]
  /** ISO 8601; null where nobody counts. */
  readonly since: string | null
  /** Why there are none, and the remedy. */
  readonly obstacle: Note | null
}

const DENIED = '42501'

/** What pg_stat_statements has counted in this database, as far as it is there and open to our role. */
export async function countedStatements(database: Database): Promise<CountedStatements> {
  const statistics = await statementStatistics(database)
  const { schema, loaded } = statistics
  if (schema === null || !loaded) return { uses: [], since: null, obstacle: missing(statistics) }
  try {
    return {
      uses: await statementUses(database, schema),
      since: await statementsSince(database, schema),
      obstacle: null,
    }
  } catch (error) {
    if (!(error instanceof OpsError) || error.sqlstate !== DENIED) throw error
    return { uses: [], since: null, obstacle: closed(schema, database.identity.user) }
  }
}

function missing({ available, loaded }: StatementStatistics): Note {
  const message = 'Nobody counts statements: the extension pg_stat_statements is not'
  if (!available)
    return {
      message: `${message} on this server.`,
      fix: "Install PostgreSQL's contrib package on the server.",
    }
  const create = 'CREATE EXTENSION pg_stat_statements;'
  if (loaded) return { message: `${message} in this database.`, fix: create }
  return {
    message: `${message} loaded by the server.`,
    fix: `Add pg_stat_statements to shared_preload_libraries, restart the server, then ${create}`,
  }
}

function closed(schema: string, user: string): Note {
  const [place, grantee] = [quoted(schema), quoted(user)]
  return {
    message: `All statements are hidden from ${user}: it may not read pg_stat_statements in the schema ${schema}.`,
    fix: `GRANT USAGE ON SCHEMA ${place} TO ${grantee}; GRANT SELECT ON ${place}.pg_stat_statements, ${place}.pg_stat_statements_info TO ${grantee};`,
  }
}
