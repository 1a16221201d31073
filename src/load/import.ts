import { randomBytes } from 'node:crypto'
import type { Archive } from '../archive/read.ts'
import { listBoundPartitions } from '../catalog/bound-partitions.ts'
import { listUniqueKeys } from '../catalog/unique-keys.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { declaredGraph } from '../graph/declared.ts'
import type { Graph } from '../graph/graph.ts'
import type { Project } from '../project/project.ts'
import { makeSurvivors, refuseConflicts } from './conflicts.ts'
import { explainRefusal, refuseDangling } from './dangling.ts'
import { checkDrift } from './drift.ts'
import { listIds, type MadeId } from './made-ids.ts'
import { type Matched, matchTables } from './match.ts'
import { findMatches } from './matched.ts'
import { noteOrigin } from './origin.ts'
import { findOwner } from './owner.ts'
import { type Placed, placeRows, placingOrder } from './place.ts'
import { placingProgress, progressOf } from './progress.ts'
import { resolveRows, type Salt } from './resolve.ts'
import { advanceSequences, type Moved } from './sequences.ts'
import { parseSettings } from './set.ts'
import { PLACING, STAGING } from './settings.ts'
import { makeStages, stageRows } from './stage.ts'
import type { Loading, Policy } from './state.ts'
import { type LoadTable, stageOf } from './tables.ts'
import { keepTriggers, type Trigger, triggersOf } from './triggers.ts'
import { verifyRows } from './verify.ts'

export interface ImportRequest {
  readonly dryRun: boolean
  readonly policy: Policy
  /** What fresh ids follow from; true for one of our own making, undefined for the archive's own ids. */
  readonly newIds: string | true | undefined
  readonly owner: string | undefined
  /** `table.column=value` */
  readonly set: readonly string[]
  readonly unique: 'suffix' | 'error'
  readonly triggers: boolean
  /** Whether to tell every id that was made. */
  readonly ids: boolean
  /** Whether the relations of the project's schema count. */
  readonly relations: boolean
}

export interface ImportedTable {
  readonly table: string
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly skipped: number
}

export interface Imported {
  readonly root: Archive['manifest']['root']
  readonly tables: readonly ImportedTable[]
  /** What fresh ids were made from: the same again makes the same ids. */
  readonly salt?: string
  readonly ids?: readonly MadeId[]
  readonly sequences: readonly Moved[]
  /** Triggers of users' own that fired, or were kept from it. */
  readonly triggers: readonly Trigger[]
  /** Whether every value was compared with the archive, or the rows were counted only. */
  readonly verified: 'values' | 'counts'
}

/** What is known before anything is read in. */
export interface Prepared extends Matched {
  readonly graph: Graph
}

/**
 * Brings an archive into the database within the transaction that is open: all of it, or an error.
 * `consent` is asked once the archive is known to fit.
 */
export async function importArchive(
  context: Context,
  database: Database,
  project: Project | undefined,
  archive: Archive,
  request: ImportRequest,
  consent: (prepared: Prepared) => Promise<void>,
): Promise<Imported> {
  await database.script(STAGING)
  const graph = await declaredGraph(context, database, project, request.relations)
  const matched = await matchTables(database, graph, project, archive)
  checkDrift(context, matched.drift)
  await noteOrigin(context, database, project, archive, matched)
  await consent({ ...matched, graph })
  const tables = matched.tables
  const oids = [...new Set(tables.map(({ table }) => table.oid))]
  const loading: Loading = {
    database,
    graph,
    tables,
    keys: await listUniqueKeys(database, oids),
    partitions: await listBoundPartitions(database, oids),
    policy: request.policy,
    rewritten: new Map(),
    survived: new Set(),
    maps: new Map(),
  }
  await makeStages(database, tables)
  await makeSurvivors(loading)
  const read = await stageRows(database, archive, tables, progressOf(context, archive))
  // the server plans for what it knows of a table, and of a new one that is nothing
  await database.script(tables.map(load => `ANALYZE ${stageOf(load)}`).join('; '))
  return finish(context, project, loading, matched, archive, request, read)
}

async function finish(
  context: Context,
  project: Project | undefined,
  loading: Loading,
  { root }: Matched,
  archive: Archive,
  request: ImportRequest,
  read: ReadonlyMap<LoadTable, number>,
): Promise<Imported> {
  const { database, tables } = loading
  const salt = saltOf(request)
  const settings = parseSettings(loading, request.set)
  context.report.progress('Comparing with the database')
  for (const load of tables.filter(({ matched }) => matched)) await findMatches(loading, load)
  const owner = request.owner === undefined ? undefined : await findOwner(loading, root, request.owner)
  const schema = project?.migrationsTable.schema ?? 'drizzle'
  const order = placingOrder(loading)
  await resolveRows(loading, order, { settings, salt, owner, ledgerSchema: schema, unique: request.unique })
  if (request.policy === 'error') await refuseConflicts(loading)
  const triggers = await triggersOf(loading)
  const fires = request.triggers && triggers.length > 0
  // a trigger may draw numbers for tables that rows are still to come into. What a failed import has moved stays so, as
  // what nextval gave stays given: numbers are left out and none comes twice. Nothing that a dry run moves may stay.
  const early = fires && !request.dryRun ? await advanceSequences(loading) : []
  if (!request.triggers) await keepTriggers(database)
  const placed = await placeAll(loading, order, placingProgress(context, read), context.signal)
  if (!request.triggers) await refuseDangling(loading)

  context.report.progress('Comparing what was imported with the archive')
  for (const load of order.flat()) {
    const untouched = !request.triggers || !triggers.some(({ table }) => table === load.archived.table)
    await verifyRows(loading, load, untouched)
  }
  const ids = request.ids ? await listIds(loading) : undefined
  const sequences = request.dryRun ? [] : [...early, ...(await advanceSequences(loading))]
  return {
    root: archive.manifest.root,
    tables: tables
      .filter(({ matched }) => !matched)
      .map(load => ({
        table: load.archived.table,
        read: read.get(load) ?? 0,
        ...(placed.get(load) ?? { inserted: 0, updated: 0, skipped: 0 }),
      })),
    ...(salt && { salt: salt.text }),
    ...(ids && { ids }),
    sequences,
    triggers,
    verified: fires ? 'counts' : 'values',
  }
}

/** Brings all rows into place under the session's own settings. */
async function placeAll(
  loading: Loading,
  order: readonly (readonly LoadTable[])[],
  tell: (component: readonly LoadTable[]) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<LoadTable, Placed>> {
  const { database } = loading
  await database.script(`${PLACING}; SAVEPOINT drizzle_ops_placing`)
  const placed = new Map<LoadTable, Placed>()
  try {
    for (const component of order) {
      tell(component)
      for (const [load, counts] of await placeRows(loading, component)) placed.set(load, counts)
    }
    await database.script(`SET CONSTRAINTS ALL IMMEDIATE; ${STAGING}`)
    return placed
  } catch (error) {
    if (signal.aborted) throw error
    await database.script(`ROLLBACK TO drizzle_ops_placing; ${STAGING}`)
    throw await explainRefusal(loading, error)
  }
}

function saltOf({ newIds }: ImportRequest): Salt | undefined {
  if (newIds === true) return { text: randomBytes(6).toString('hex'), drawn: true }
  return newIds === undefined ? undefined : { text: newIds, drawn: false }
}
