import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { withDatabase } from '../../src/database/database.ts'
import { OpsError } from '../../src/errors.ts'
import { type Kit, withKit } from '../../src/kit/kit.ts'
import { parseRename } from '../../src/kit/rename.ts'
import { emptyState } from '../../src/kit/states.ts'
import { parseUrl } from '../../src/project/url.ts'
import { type PushOutcome, pushCode } from '../../src/push/push.ts'
import { afterFile } from './cleanup.ts'
import { contextWith, projectWith } from './context.ts'
import type { TestDatabase } from './databases.ts'
import type { Generation } from './drizzle.ts'
import { emptyFolder } from './program.ts'
import { emptyProject, type TestProject, write } from './project.ts'
import { ensureRuntime } from './runtimes.ts'

const repository = join(import.meta.dirname, '../..')
export const IMPORTS = `import { sql } from 'drizzle-orm'
import { bigint, check, date, doublePrecision, foreignKey, index, integer, json, jsonb, numeric, pgEnum, pgMaterializedView, pgPolicy, pgSchema, pgSequence, pgTable, pgView, primaryKey, serial, text, timestamp, unique, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'
`

/** Pushes schemas with one drizzle-kit for all of a file's tests: to start it anew for each would take minutes. */
export interface Pusher {
  /** Makes what a schema describes, by drizzle-kit's statements alone. */
  make(database: Pick<TestDatabase, 'sql'>, schema: string): Promise<void>
  push(
    database: Pick<TestDatabase, 'url'>,
    schema: string,
    options?: PushingOptions,
  ): Promise<PushOutcome | OpsError>
}

export interface PushingOptions {
  readonly allow?: readonly string[]
  readonly config?: object
  readonly renames?: readonly string[]
  readonly created?: readonly string[]
  readonly dryRun?: boolean
}

/** Made in a `beforeAll`; it ends with the file. */
export async function startPusher(generation: Generation): Promise<Pusher> {
  const root = emptyFolder()
  const packages = generation === '0.x' ? repository : await ensureRuntime('drizzle-1.0')
  symlinkSync(join(packages, 'node_modules'), join(root, 'node_modules'))
  write(join(root, 'package.json'), '{}')
  const kit = await openKit(root)
  let schemas = 0
  const read = async (schema: string, config: object) => {
    schemas += 1
    write(join(root, `schema${schemas}.ts`), `${IMPORTS}${schema}`)
    const base = projectWith({
      config: { dialect: 'postgresql', schema: `./schema${schemas}.ts`, ...config },
    })
    const project = { ...base, root }
    return { project, code: await kit.code(project) }
  }
  return {
    async make({ sql }, schema) {
      const { code } = await read(schema, {})
      const { statements } = await kit.difference(emptyState(kit.layout), code)
      await sql.unsafe(statements.join(';')).simple()
    },
    async push(
      database,
      schema,
      { allow = [], config = {}, renames = [], created = [], dryRun = false } = {},
    ) {
      const context = contextWith({ cwd: root, env: process.env, globals: { yes: true, allow } })
      const { project, code } = await read(schema, config)
      const settings = { statementTimeout: 0, lockTimeout: 300, readOnly: false }
      const target = parseUrl(database.url, '--url', 'postgres')
      const decisions = { renames: renames.map(parseRename), created }
      return withDatabase(context, target, { command: 'push', settings }, connection =>
        pushCode({ context, database: connection, project, kit, code, decisions }, { dryRun, lockWait: 0 }),
      ).catch(error => {
        if (error instanceof OpsError) return error
        throw error
      })
    },
  }
}

function openKit(root: string): Promise<Kit> {
  return new Promise((resolve, reject) => {
    const ended = new Promise<void>(end => afterFile(async () => end()))
    const context = contextWith({ cwd: root, env: process.env })
    withKit(context, { ...projectWith({}), root }, { what: 'The test', failed: 'failed' }, async kit => {
      resolve(kit)
      await ended
    }).catch(reject)
  })
}

/** All rows of these tables, as text. */
export async function rowsOf(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const table of tables) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `SELECT row_to_json(held)::text AS row FROM ${table} AS held ORDER BY 1`,
    )
    found.push(...rows.map(({ row }) => `${table} ${row}`))
  }
  return found
}

/** A project without migrations whose config names this schema, for the program itself. */
export function schemaProject(schema: string, config: object = {}): TestProject {
  const project = emptyProject({ schema: './schema.ts', ...config })
  symlinkSync(join(repository, 'node_modules'), join(project.root, 'node_modules'))
  writeSchema(project, schema)
  return project
}

export function writeSchema({ root }: TestProject, schema: string): void {
  write(join(root, 'schema.ts'), `${IMPORTS}${schema}`)
}
