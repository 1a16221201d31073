import { listIndexKeys } from '../catalog/index-keys.ts'
import { listTableColumns } from '../catalog/table-columns.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { schemaFiles } from '../kit/schema-files.ts'
import { loadModule } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { findColumn } from './find-column.ts'
import type { Graph, Reference, Table } from './graph.ts'
import { virtualReference } from './virtual.ts'

/** A column of a Drizzle table. */
interface Column {
  readonly name: string
  readonly table: object
}

/** `one(users, { fields: [posts.authorId], references: [users.id] })` */
interface Pair {
  readonly fields: readonly Column[]
  readonly references: readonly Column[]
}

const NAME = Symbol.for('drizzle:Name')
const SCHEMA = Symbol.for('drizzle:Schema')

/**
 * The graph with the relations that the project's schema declares, where no foreign key says the same. Loads the
 * schema; see `loadModule` for what that throws.
 */
export async function withDrizzleRelations(
  context: Context,
  database: Database,
  project: Project,
  graph: Graph,
): Promise<Graph> {
  const pairs: Pair[] = []
  for (const file of await schemaFiles(context, project)) {
    for (const exported of Object.values(await loadModule(file, context.env)))
      pairs.push(...pairsOf(exported))
  }
  const sides = pairs.flatMap(pair => {
    const from = tableOf(graph, pair.fields)
    const to = tableOf(graph, pair.references)
    return from && to ? [{ from, to, pair }] : []
  })
  const oids = [...new Set(sides.flatMap(({ from, to }) => [from.oid, to.oid]))]
  const [columns, indexes] = await Promise.all([
    listTableColumns(database, oids),
    listIndexKeys(database, oids),
  ])
  const found = sides.map(({ from, to, pair }) => {
    const named = (table: Table, list: readonly Column[]) =>
      list.map(({ name }) => findColumn(columns, table, name, 'A relation of the schema'))
    return virtualReference({
      source: 'relations',
      from,
      columns: named(from, pair.fields),
      to,
      referenced: named(to, pair.references),
      when: [],
      path: undefined,
      indexes,
    })
  })
  const references = [...graph.references]
  for (const reference of found)
    if (!references.some(each => sameAs(each, reference))) references.push(reference)
  return { ...graph, references }
}

/** What an export of a schema module says: `relations()` of drizzle-orm 0.x, or `defineRelations()` of 1.0. */
function pairsOf(exported: unknown): Pair[] {
  if (typeof exported !== 'object' || exported === null) return []
  const { config, table } = exported as { config?: unknown; table?: unknown }
  if (typeof config === 'function' && table !== undefined) return pairsOf0(config as Relations['config'])
  return Object.values(exported).flatMap(each => {
    const { relations } = (each ?? {}) as { relations?: unknown }
    if (typeof relations !== 'object' || relations === null) return []
    return Object.values(relations).flatMap(relation => pairOf1(relation))
  })
}

interface Relations {
  config(helpers: {
    one(table: object, pair?: Partial<Pair>): unknown
    many(table: object): unknown
  }): Readonly<Record<string, unknown>>
}

/** drizzle-orm gives each relation its name. */
const UNNAMED = { withFieldName: () => UNNAMED }

function pairsOf0(config: Relations['config']): Pair[] {
  const pairs: Pair[] = []
  config({
    one: (_, pair) => {
      if (pair?.fields && pair.references) pairs.push({ fields: pair.fields, references: pair.references })
      return UNNAMED
    },
    many: () => UNNAMED,
  })
  return pairs
}

function pairOf1(relation: unknown): Pair[] {
  const { relationType, sourceColumns, targetColumns, through } = (relation ?? {}) as {
    relationType?: string
    sourceColumns?: readonly Column[]
    targetColumns?: readonly Column[]
    through?: unknown
  }
  if (relationType !== 'one' || !sourceColumns || !targetColumns || through) return []
  return [{ fields: sourceColumns, references: targetColumns }]
}

function tableOf({ tables }: Graph, [column]: readonly Column[]): Table | undefined {
  const table = column?.table as Readonly<Record<symbol, string | undefined>> | undefined
  return tables.find(({ name, schema }) => name === table?.[NAME] && schema === (table?.[SCHEMA] ?? 'public'))
}

/** The other side of a one-to-one relation is the same reference the other way round. */
function sameAs(one: Reference, other: Reference): boolean {
  const sides = ({ from, columns, to, referenced }: Reference) => [
    JSON.stringify([from.oid, columns]),
    JSON.stringify([to.oid, referenced]),
  ]
  return sides(one).sort().join() === sides(other).sort().join()
}
