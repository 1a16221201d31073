import type { ArchivedTable } from '../archive/manifest.ts'
import type { Archive } from '../archive/read.ts'
import { type ColumnKindRow, listColumnKinds } from '../catalog/column-kinds.ts'
import { listTableConstraints, type TableConstraintRow } from '../catalog/table-constraints.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Graph, Table } from '../graph/graph.ts'
import { isBookkeeping } from '../migrations/bookkeeping.ts'
import type { Project } from '../project/project.ts'
import { reachableFrom } from './reach.ts'
import { type LoadTable, loadTable } from './tables.ts'

/** How a table of the archive differs from the target's. */
export interface Drift {
  readonly table: string
  /** The column, or the constraint where `found` is that. */
  readonly column: string
  readonly found: 'missing' | 'extra' | 'unfilled' | 'other type' | 'constraint'
  /** The type in the archive and in the target, or null where there is none, as constraints have none. */
  readonly archived: string | null
  readonly target: string | null
}

export interface Matched {
  readonly root: Table
  readonly tables: readonly LoadTable[]
  readonly drift: readonly Drift[]
}

/**
 * Finds the archive's tables and columns in the target, which alone says what may be written and of what type it is.
 * Throws OpsError `archive-foreign` where it names anything that its root does not lead to.
 */
export async function matchTables(
  database: Database,
  graph: Graph,
  project: Project | undefined,
  { manifest, file }: Archive,
): Promise<Matched> {
  const find = (title: string) => graph.tables.find(table => table.title === title)
  const root = find(manifest.root.table)
  if (!root || isHistory(root, project)) throw rootUnknown(file, manifest.root.table)
  const reachable = reachableFrom(graph, root)
  const found = manifest.tables.map(archived => {
    const table = find(archived.table)
    if (!table || isHistory(table, project) || !reachable.has(table))
      throw foreign(file, archived.table, root, table !== undefined)
    return { archived, table }
  })
  const oids = found.map(({ table }) => table.oid)
  const [kinds, constraints] = await Promise.all([
    listColumnKinds(database, oids),
    listTableConstraints(database, oids),
  ])
  const columnsOf = (table: Table) => kinds.filter(kind => kind.table === table.oid)
  return {
    root,
    tables: found.map(({ archived, table }, number) => {
      const columns = columnsOf(table).flatMap(kind => {
        const column = archived.columns.find(({ name }) => name === kind.name)
        return column ? [{ ...kind, encoding: column.encoding }] : []
      })
      return loadTable(number, archived, table, columns)
    }),
    drift: found.flatMap(({ archived, table }) => [
      ...driftOf(archived, columnsOf(table)),
      ...constraintDrift(
        archived,
        constraints.filter(each => each.table === table.oid),
      ),
    ]),
  }
}

/** What drizzle and we ourselves record is never a row's belonging. */
function isHistory({ schema, name }: Table, project: Project | undefined): boolean {
  const history = project?.migrationsTable ?? { schema, table: '__drizzle_migrations' }
  return isBookkeeping({ schema, name }, history)
}

function driftOf(archived: ArchivedTable, columns: readonly ColumnKindRow[]): Drift[] {
  const { table } = archived
  const theirs = archived.columns.flatMap(({ name, type }): Drift[] => {
    const own = columns.find(column => column.name === name)
    if (!own) return [{ table, column: name, found: 'missing', archived: type, target: null }]
    return own.type === type
      ? []
      : [{ table, column: name, found: 'other type', archived: type, target: own.type }]
  })
  if (archived.matchedBy) return theirs
  const ours = columns
    .filter(({ name }) => !archived.columns.some(column => column.name === name))
    .map(
      ({ name, type, notNull, preset }): Drift => ({
        table,
        column: name,
        found: notNull && !preset ? 'unfilled' : 'extra',
        archived: null,
        target: type,
      }),
    )
  return [...theirs, ...ours]
}

/** Constraints that the archive's rows never had to meet; what only the source had does not matter here. */
function constraintDrift(
  { table, columns, constraints }: ArchivedTable,
  own: readonly TableConstraintRow[],
): Drift[] {
  if (!constraints) return []
  return own
    .filter(({ definition }) => !constraints.includes(definition))
    .filter(({ column }) => column === null || columns.some(({ name }) => name === column))
    .map(({ definition }) => ({
      table,
      column: definition,
      found: 'constraint',
      archived: null,
      target: null,
    }))
}

function rootUnknown(file: string, table: string): OpsError {
  return new OpsError({
    code: 'archive-foreign',
    message: `${file} is an archive of ${table}, and this database has no such table to import into.`,
    hint: 'See which database is meant with drizzle-ops doctor, and whether it is migrated with drizzle-ops status.',
  })
}

function foreign(file: string, table: string, root: Table, exists: boolean): OpsError {
  return new OpsError({
    code: 'archive-foreign',
    message: exists
      ? `${file} holds rows of ${table}, which nothing here connects with ${root.title}.`
      : `${file} holds rows of ${table}, and this database has no such table.`,
    hint: exists
      ? "Follow the schema's relations with --relations, or declare how they are connected under ops.graph.references, if the archive can be trusted."
      : 'Migrate this database to where the source was, then import again.',
  })
}
