import { listExtensions } from '../catalog/extensions.ts'
import { mayCreate } from '../catalog/privileges.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { type History, readHistory } from '../migrations/history.ts'
import type { Project } from '../project/project.ts'
import { type Fact, fact } from './fact.ts'

/** What the server says of itself and of us. */
export async function serverFacts(
  database: Database,
  project: Project | undefined,
): Promise<{ facts: Fact[]; problems: string[] }> {
  const { name, host, port, user, source } = database.identity
  const { version, inRecovery, encrypted, pooler } = database.server
  const extensions = await listExtensions(database)
  const creates = await mayCreate(database)
  const { history, unreadable } = await historyOf(database, project)
  const problems = [
    ...(unreadable ? [`${unreadable.message} ${unreadable.hint}`] : []),
    ...(pooler === 'transaction'
      ? ['The URL leads through a transaction pooler: set ops.migrationUrl to the direct one.']
      : []),
    ...(history?.shape === 'none' && !creates && !inRecovery
      ? [
          `${user} may not create a schema here, which the first migration needs: GRANT CREATE ON DATABASE ${quoted(name)} TO ${quoted(user)}.`,
        ]
      : []),
  ]
  return {
    problems,
    facts: [
      fact('database', name, source),
      fact('host', `${host}:${port}`, source),
      fact('user', user, source),
      fact('server', version, 'server_version'),
      fact('role', inRecovery ? 'standby' : 'primary', 'pg_is_in_recovery'),
      fact('tls', encrypted, 'connection'),
      fact('pooler', pooler, 'connection'),
      fact('may create schemas', creates, 'has_database_privilege'),
      ...(history
        ? [
            fact(
              'history',
              history.shape === 'none'
                ? null
                : `${history.rows.length} ${history.rows.length === 1 ? 'row' : 'rows'}, drizzle ${history.shape}`,
              'migrations table',
            ),
          ]
        : []),
      fact('extensions', extensions.join(', ') || null, 'pg_extension'),
    ],
  }
}

/** A history that our role may not read is a problem, and no reason to keep the rest back. */
async function historyOf(
  database: Database,
  project: Project | undefined,
): Promise<{ readonly history?: History; readonly unreadable?: OpsError }> {
  if (!project) return {}
  try {
    return { history: await readHistory(database, project.migrationsTable) }
  } catch (error) {
    if (error instanceof OpsError && error.code === 'permission-denied') return { unreadable: error }
    throw error
  }
}
