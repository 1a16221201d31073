import { listIndexKeys } from '../catalog/index-keys.ts'
import { listTableColumns } from '../catalog/table-columns.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { schemaFiles } from '../kit/schema-files.ts'
import { loadModule } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { type Column, type Pair, pairsOf } from './drizzle-relations.ts'
import { findColumn } from './find-column.ts'
import { type Graph, type Reference, shortName, type Table } from './graph.ts'
import type { When } from './indexed.ts'
import { virtualReference } from './virtual-reference.ts'

const NAME = Symbol.for('drizzle:Name')
const SCHEMA = Symbol.for('drizzle:Schema')

/**
 * The graph with the relations that the project's schema declares, where neither a foreign key nor the config says
 * what its columns point to. Loads the schema; see `loadModule` for what that throws.
 * Throws OpsError `relations-missing` or `relation-unclear`, exit 2.
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
  if (pairs.length === 0) throw relationsMissing(project)
  const sides = pairs.flatMap(pair => {
    const from = tableOf(graph, pair.fields)
    const to = tableOf(graph, pair.references)
    return from && to ? [sidesOf(from, to, pair)] : []
  })
  const oids = [...new Set(sides.flatMap(({ from, to }) => [from.oid, to.oid]))]
  const [columns, indexes] = await Promise.all([
    listTableColumns(database, oids),
    listIndexKeys(database, oids),
  ])
  const found = sides.map(({ from, to, pair }): Found => {
    const named = (table: Table, list: readonly Column[]) =>
      list.map(({ name }) => findColumn(columns, table, name, 'A relation of the schema'))
    const reference = virtualReference({
      source: 'relations',
      from,
      columns: named(from, pair.fields),
      to,
      referenced: named(to, pair.references),
      when: pair.when ?? [],
      path: undefined,
      indexes,
    })
    return { reference, when: pair.when }
  })
  const news = found.filter(({ reference }) => !graph.references.some(each => sameSides(each, reference)))
  return { ...graph, references: [...graph.references, ...withoutDoubles(news)] }
}

/** A reference, and the condition on which its rows point by it; undefined where that could not be read. */
interface Found {
  readonly reference: Reference
  readonly when: When | undefined
}

/** Each once. Rows that point on a condition must not be taken for all rows: it may tell which table they point to. */
function withoutDoubles(found: readonly Found[]): Reference[] {
  const kept: Found[] = []
  for (const each of found) {
    const { reference, when } = each
    const likes = found.filter(other => sameSides(other.reference, reference))
    if (when === undefined || likes.some(other => (other.when?.length === 0) !== (when.length === 0)))
      throw relationUnclear(reference)
    const isKept = kept.some(
      other => sameSides(other.reference, reference) && JSON.stringify(other.when) === JSON.stringify(when),
    )
    if (!isKept) kept.push(each)
  }
  return kept.map(({ reference }) => reference)
}

/** Of a relation of one to one either side may have been written down: its key is what the other points to. */
function sidesOf(from: Table, to: Table, pair: Pair): { from: Table; to: Table; pair: Pair } {
  const isKey = ({ identity }: Table, columns: readonly Column[]) =>
    identity !== null &&
    columns.length === identity.length &&
    columns.every(({ name }) => identity.includes(name))
  const isReversed = isKey(from, pair.fields) && !isKey(to, pair.references)
  if (!isReversed) return { from, to, pair }
  // the condition is on the rows that are now pointed to
  const when = pair.when?.length === 0 ? pair.when : undefined
  return { from: to, to: from, pair: { fields: pair.references, references: pair.fields, when } }
}

function relationsMissing({ configFile }: Project): OpsError {
  return new OpsError({
    code: 'relations-missing',
    message: `The schema of ${configFile} declares no relations.`,
    hint: 'Add the file that declares them to schema in the config, or leave --relations out.',
    exit: 2,
  })
}

function relationUnclear({ title, from, to }: Reference): OpsError {
  return new OpsError({
    code: 'relation-unclear',
    message: `The relations of the schema do not tell which rows of ${shortName(from)} point to ${shortName(to)} by ${title}: a condition cannot be read, or one relation has it and another has not.`,
    hint: `Declare ${title} in ops.graph.references, which goes before relations, or leave --relations out.`,
    exit: 2,
  })
}

function tableOf({ tables }: Graph, [column]: readonly Column[]): Table | undefined {
  const table = column?.table as Readonly<Record<symbol, string | undefined>> | undefined
  return tables.find(({ name, schema }) => name === table?.[NAME] && schema === (table?.[SCHEMA] ?? 'public'))
}

/** The other side of a one-to-one relation is the same reference the other way round. */
function sameSides(one: Reference, other: Reference): boolean {
  const sides = ({ from, columns, to, referenced }: Reference) => [
    JSON.stringify([from.oid, columns]),
    JSON.stringify([to.oid, referenced]),
  ]
  return sides(one).sort().join() === sides(other).sort().join()
}
