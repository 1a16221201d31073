import { randomBytes } from 'node:crypto'
import { abandonedDatabases } from '../../catalog/scratch-databases.ts'
import type { Context } from '../../command.ts'
import { connect, type Sql } from '../../database/connect.ts'
import { identifier } from '../../database/identifier.ts'
import { explain } from '../../explain.ts'
import type { Target } from '../../project/target.ts'

/** Nobody makes such a name by chance; what bears it is ours to drop. */
const PREFIX = 'drizzle_ops_drift_'
/** object_in_use: somebody is connected to template1 */
const IN_USE = '55006'
const DUPLICATE_ROLE = '42710'

/**
 * Runs `work` with a database that is made for it on the target's server and dropped again, also after a signal.
 * What killed runs left is dropped before. `roles` are made where they are missing, unable to log in.
 */
export async function withTemporaryDatabase<T>(
  context: Context,
  target: Target,
  roles: readonly string[],
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const name = `${PREFIX}${randomBytes(6).toString('hex')}`
  // its name in the session tells other runs that somebody is at work there
  const { sql, identity, close } = await connect(target, {
    applicationName: `drizzle-ops ${name}`,
    timeout: context.globals.connectTimeout,
    signal: context.signal,
  })
  const made: string[] = []
  try {
    for (const left of await abandonedDatabases(sql, PREFIX)) await dropDatabase(sql, left)
    for (const role of roles) if (await createRole(sql, role)) made.push(role)
    await createDatabase(sql, name)
    context.signal.throwIfAborted()
    return await work({ ...target, database: name })
  } catch (error) {
    throw explain(error, identity)
  } finally {
    await dropDatabase(sql, name)
    for (const role of made) await sql`DROP ROLE IF EXISTS ${identifier(sql, role)}`.catch(() => {})
    await close()
  }
}

/** As people make databases; without what template1 holds only where somebody keeps it busy. */
async function createDatabase(sql: Sql, name: string): Promise<void> {
  try {
    await sql`CREATE DATABASE ${identifier(sql, name)}`
  } catch (error) {
    if ((error as { code?: string }).code !== IN_USE) throw error
    await sql`CREATE DATABASE ${identifier(sql, name)} TEMPLATE template0`
  }
  // it is thrown away: no file has to wait for the disk
  await sql`ALTER DATABASE ${identifier(sql, name)} SET synchronous_commit = off`
}

async function dropDatabase(sql: Sql, name: string): Promise<void> {
  await sql`DROP DATABASE IF EXISTS ${identifier(sql, name)} WITH (FORCE)`.catch(() => {})
}

async function createRole(sql: Sql, name: string): Promise<boolean> {
  try {
    await sql`CREATE ROLE ${identifier(sql, name)}`
    return true
  } catch (error) {
    if ((error as { code?: string }).code === DUPLICATE_ROLE) return false
    throw error
  }
}
