import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Context } from '../command.ts'
import { schemaFiles } from '../kit/schema-files.ts'
import { withPassingModule } from '../project/cache.ts'
import type { Exports } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { type Transpiled, transpile } from '../project/transpile.ts'
import { camelCase, snakeCase } from './casing.ts'
import { lineOf, type Source } from './place.ts'
import type { Declaration, DrizzleFix, Remedy } from './remedy.ts'

/** A table of the schema's code. */
export interface DeclaredTable extends Declaration {
  readonly schema: string
  readonly name: string
}

/** What drizzle-orm, of any copy and either generation, hangs on its tables and columns. */
const NAME = Symbol.for('drizzle:Name')
const SCHEMA = Symbol.for('drizzle:Schema')
const COLUMNS = Symbol.for('drizzle:Columns')

const OWN_SOURCE = /\.[cm]?[jt]sx?$/

/** What the project's code declares, and the files that it does so in. */
export interface DeclaredSchema {
  readonly tables: readonly DeclaredTable[]
  readonly sources: readonly Source[]
}

/** Loads the schema's files. Throws what loading them throws. */
export async function declaredSchema(context: Context, project: Project): Promise<DeclaredSchema> {
  const files = await schemaFiles(context, project)
  const transpiled = await Promise.all(files.map(transpile))
  const tables: DeclaredTable[] = []
  for (const { code } of transpiled) {
    tables.push(...(await withPassingModule(code, module => tablesIn(module, project.config.casing))))
  }
  return { tables, sources: await sourcesOf(transpiled, project.root) }
}

async function tablesIn(module: string, casing: string | undefined): Promise<DeclaredTable[]> {
  const exports = (await import(/* @vite-ignore */ module)) as Exports
  return Object.entries(exports).flatMap(([variable, value]) => tableOf(variable, value, casing))
}

function tableOf(variable: string, value: unknown, casing: string | undefined): DeclaredTable[] {
  if (typeof value !== 'object' || value === null || !(COLUMNS in value)) return []
  const facts = value as { [NAME]: string; [SCHEMA]?: string; [COLUMNS]: Record<string, ColumnFacts> }
  const columns = Object.entries(facts[COLUMNS]).map(
    ([property, column]) => [column.keyAsName ? cased(property, casing) : column.name, property] as const,
  )
  return [
    { table: variable, name: facts[NAME], schema: facts[SCHEMA] ?? 'public', columns: new Map(columns) },
  ]
}

interface ColumnFacts {
  readonly name: string
  /** Whether it has no name of its own in the code. */
  readonly keyAsName?: boolean
}

function cased(property: string, casing: string | undefined): string {
  if (casing === 'snake_case') return snakeCase(property)
  return casing === 'camelCase' ? camelCase(property) : property
}

async function sourcesOf(transpiled: readonly Transpiled[], root: string): Promise<Source[]> {
  const inputs = new Set(transpiled.flatMap(({ inputs }) => inputs.filter(input => OWN_SOURCE.test(input))))
  return Promise.all(
    [...inputs].map(async file => ({ file: relative(root, file), text: await readFile(file, 'utf8') })),
  )
}

/** The remedy with its place, where the code declares the table. */
export function placed({ tables, sources }: DeclaredSchema, remedy: Remedy): DrizzleFix | null {
  const table = tables.find(({ schema, name }) => schema === remedy.schema && name === remedy.table)
  const property = remedy.column === undefined ? undefined : table?.columns.get(remedy.column)
  const place = table && lineOf(sources, table, property, remedy.named)
  if (!place) return null
  return { table: table.table, column: property ?? null, ...place, fix: remedy.change(table) }
}
