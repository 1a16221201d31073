import { type CatalogEntity, describedObjects } from '../catalog/described.ts'
import type { Database } from '../database/database.ts'
import { quoted, quotedIdentifier } from '../database/identifier.ts'
import { altered, OpsError } from '../errors.ts'

/** A schema that the code describes, and the one that stands for it while the code is looked at. */
interface Double {
  readonly schema: string
  readonly shadow: string
}

/** With the session's number behind it: two of one name would wait for each other. */
const PREFIX = 'drizzle_ops_shadow_'
const CONCURRENTLY = / CONCURRENTLY /
const ROLE = /^\s*CREATE ROLE "((?:[^"]|"")+)"/
const SCHEMA = /^\s*CREATE SCHEMA /

/** The code as the server understands it. */
export interface Understood {
  readonly objects: readonly CatalogEntity[]
  /** What could not be made, and why. */
  readonly failures: readonly { readonly sql: string; readonly message: string }[]
}

/**
 * Has the server make what the code describes in schemas of other names, and reads it back in the server's own
 * words, in which it can be compared: `lower(name)` for `lower("name")`, `'a'::mood` for `'a'`. Only within a
 * transaction that is rolled back. Locks nothing that anybody else knows of.
 */
export async function understand(
  database: Database,
  statements: readonly string[],
  schemas: readonly string[],
  roles: readonly string[],
): Promise<Understood> {
  const doubles = schemas.map((schema, index) => ({
    schema,
    shadow: `${PREFIX}${database.server.pid}_${index}`,
  }))
  const shadowOfPublic = doubles.find(({ schema }) => schema === 'public')?.shadow
  const searchPath = shadowOfPublic ? `${shadowOfPublic}, public` : 'public'
  await makeSchemas(database, doubles)
  await database.script(
    `SELECT set_config('search_path', '${searchPath}, ' || current_setting('search_path'), true)`,
  )
  const failures = await makeAll(
    database,
    statements
      .filter(sql => !SCHEMA.test(sql) && !roles.includes(ROLE.exec(sql)?.[1] ?? ''))
      .map(sql => inShadow(sql.replace(CONCURRENTLY, ' '), doubles)),
  )
  await database.script("SET LOCAL search_path = ''")
  const objects = await describedObjects(
    database,
    doubles.map(({ shadow }) => shadow),
  )
  return { objects: objects.map(object => asInCode(object, doubles)), failures }
}

/** insufficient_privilege */
const NOT_ALLOWED = '42501'

async function makeSchemas(database: Database, doubles: readonly Double[]): Promise<void> {
  try {
    await database.script(doubles.map(({ shadow }) => `CREATE SCHEMA ${shadow}`).join('; '))
  } catch (error) {
    if (!(error instanceof OpsError) || error.sqlstate !== NOT_ALLOWED) throw error
    throw altered(error, {
      message: `${error.message} To compare, the schema is made in passing, under other names and rolled back.`,
    })
  }
}

/** All at once; where one fails, one by one, so that the others are made. */
async function makeAll(database: Database, statements: readonly string[]): Promise<Understood['failures']> {
  if (await isMade(database, statements.join(';\n'))) return []
  const failures: { sql: string; message: string }[] = []
  for (const sql of statements) {
    const failure = await failureOf(database, sql)
    if (failure) failures.push({ sql, message: failure.message })
  }
  return failures
}

async function isMade(database: Database, sql: string): Promise<boolean> {
  return (await failureOf(database, sql)) === undefined
}

async function failureOf(database: Database, sql: string): Promise<OpsError | undefined> {
  await database.script('SAVEPOINT shadow')
  try {
    await database.script(sql)
    await database.script('RELEASE shadow')
    return undefined
  } catch (error) {
    if (!(error instanceof OpsError) || error.sqlstate === undefined) throw error
    await database.script('ROLLBACK TO shadow; RELEASE shadow')
    return error
  }
}

function inShadow(sql: string, doubles: readonly Double[]): string {
  return doubles.reduce(
    (text, { schema, shadow }) => text.replaceAll(`${quoted(schema)}.`, `"${shadow}".`),
    sql,
  )
}

/** The names of the schemas back in their place, in definitions as SQL has them. */
function asInCode(object: CatalogEntity, doubles: readonly Double[]): CatalogEntity {
  const text = doubles.reduce(
    (json, { schema, shadow }) =>
      json
        .replaceAll(`"${shadow}"`, JSON.stringify(schema))
        .replaceAll(`${shadow}.`, JSON.stringify(quotedIdentifier(schema)).slice(1, -1).concat('.')),
    JSON.stringify(object),
  )
  return JSON.parse(text) as CatalogEntity
}
