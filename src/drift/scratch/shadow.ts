import { listExtensions } from '../../catalog/definitions/extensions.ts'
import { listSchemas } from '../../catalog/definitions/schemas.ts'
import { dropSql, objectsIn } from '../../catalog/owned-schemas.ts'
import { databaseMark } from '../../catalog/scratch-databases.ts'
import type { Context } from '../../command.ts'
import { type Database, withDatabase } from '../../database/database.ts'
import { quoted } from '../../database/identifier.ts'
import { lockKey, withLock } from '../../database/lock.ts'
import { OpsError } from '../../errors.ts'
import type { Target } from '../../project/target.ts'
import type { Live, Unknown } from './scratch.ts'

/** Its presence says that everything in the database is drift's own, and its comment what was there before. */
export const SHADOW_MARK = 'drizzle_ops_shadow'

const SETTINGS = { statementTimeout: 0, lockTimeout: 5000, readOnly: false }

interface Before {
  readonly schemas: readonly string[]
  readonly extensions: readonly string[]
}

/**
 * Runs `work` while the shadow database is empty and nobody else's, and empties it again; what a killed run left
 * in it is dropped before. Throws OpsError, exit 2: `shadow-live`, `shadow-not-empty`.
 */
export async function withShadow<T>(
  context: Context,
  live: Live,
  target: Target,
  work: () => Promise<T>,
): Promise<T | Unknown> {
  return withDatabase(context, target, { command: 'drift shadow', settings: SETTINGS }, async shadow => {
    if ((await databaseMark(shadow)) === (await databaseMark(live.database))) throw isLive(shadow)
    const { major } = live.database.server
    if (shadow.server.major !== major)
      return {
        reason: `The shadow database is PostgreSQL ${shadow.server.major}, and ${live.database.identity.name} is ${major}: what they call the same thing differs.`,
        hint: `Give a --shadow-url of PostgreSQL ${major}.`,
      }
    const wait = { limit: 60_000, signal: context.signal, waiting: () => {} }
    return withLock(shadow, lockKey('drift', 'shadow'), wait, async () => {
      const before = (await leftBefore(shadow)) ?? (await stateOf(shadow))
      await clear(shadow, before)
      await refuseFull(shadow, before)
      await shadow.script(
        `CREATE SCHEMA ${SHADOW_MARK}; COMMENT ON SCHEMA ${SHADOW_MARK} IS '${JSON.stringify(before).replaceAll("'", "''")}'`,
      )
      try {
        return await work()
      } finally {
        await clear(shadow, before, true)
      }
    })
  })
}

async function stateOf(shadow: Database): Promise<Before> {
  const schemas = await listSchemas(shadow)
  const extensions = await listExtensions(shadow)
  return { schemas: schemas.map(({ name }) => name), extensions: extensions.map(({ name }) => name) }
}

async function leftBefore(shadow: Database): Promise<Before | undefined> {
  const [row] = await shadow.query<{ before: string | null }>`
    SELECT obj_description(oid, 'pg_namespace') AS before
    FROM pg_catalog.pg_namespace
    WHERE nspname = ${SHADOW_MARK}`
  return row?.before ? (JSON.parse(row.before) as Before) : undefined
}

/** Drops what was not there before; nothing where the mark is missing, unless it is known to be ours. */
async function clear(shadow: Database, before: Before, isOurs = false): Promise<void> {
  if (!isOurs && !(await leftBefore(shadow))) return
  const now = await stateOf(shadow)
  const schemas = now.schemas.filter(name => !before.schemas.includes(name) && name !== SHADOW_MARK)
  const extensions = now.extensions.filter(name => !before.extensions.includes(name))
  const statements = [
    ...extensions.map(name => `DROP EXTENSION IF EXISTS ${quoted(name)} CASCADE`),
    ...schemas.map(name => `DROP SCHEMA ${quoted(name)} CASCADE`),
  ]
  if (statements.length > 0) await shadow.script(statements.join('; '))
  const left = (await objectsIn(shadow, before.schemas)).map(dropSql)
  await shadow.script([...left, `DROP SCHEMA IF EXISTS ${SHADOW_MARK}`].join('; '))
}

async function refuseFull(shadow: Database, before: Before): Promise<void> {
  const objects = await objectsIn(shadow, before.schemas)
  if (objects.length === 0) return
  throw new OpsError({
    code: 'shadow-not-empty',
    message: `The shadow database ${shadow.identity.name} is not empty: it holds ${objects.length} objects, such as the ${objects[0]?.kind} ${objects[0]?.object}.`,
    hint: 'Give an empty one with --shadow-url: drift fills it, and empties it again.',
    exit: 2,
  })
}

function isLive({ identity }: Database): OpsError {
  return new OpsError({
    code: 'shadow-live',
    message: `--shadow-url names ${identity.name} on ${identity.host}, the very database that is to be compared.`,
    hint: 'Give an empty database that nobody needs: drift fills it, and empties it again.',
    exit: 2,
  })
}
