import type { Manifest } from '../archive/manifest.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import { type Collection, collect } from './collect.ts'
import { declaredGraph } from './declared.ts'
import type { Cross } from './fence.ts'
import { findTable } from './find-table.ts'
import type { Graph } from './graph.ts'
import { type Roots, rootCondition } from './roots.ts'
import { readRules } from './rules.ts'
import { withExportSnapshot } from './snapshot.ts'

export interface ExportRequest {
  readonly table: string
  readonly roots: Roots
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly depth: number | undefined
  readonly rowLimit: number | undefined
  readonly cross: Cross
  readonly withSecrets: boolean
  /** Whether the relations of the project's schema count. */
  readonly relations: boolean
}

/** What is known of an export before a row is sent. */
export interface Prepared {
  readonly graph: Graph
  readonly collection: Collection
  readonly root: Manifest['root']
}

/** Runs `work` with the rows found, in the snapshot in which they were. See `collect` for what it throws. */
export async function withCollection<T>(
  context: Context,
  database: Database,
  project: Project | undefined,
  request: ExportRequest,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  return withExportSnapshot(database, async keeps => {
    const { edges } = project?.ops.graph ?? {}
    const graph = await declaredGraph(context, database, project, request.relations)
    const table = findTable(graph, request.table)
    const isRoot = await rootCondition(database, table, request.roots)
    const scope = {
      root: table,
      rules: readRules(graph, edges),
      include: request.include.map(name => findTable(graph, name)),
      exclude: request.exclude.map(name => findTable(graph, name)),
      depth: request.depth,
    }
    context.report.progress('Looking for rows')
    const collection = await collect(context, database, graph, { scope, isRoot, cross: request.cross, keeps })
    return work({ graph, collection, root: { table: table.title, key: keyOf(request.roots) } })
  })
}

function keyOf(roots: Roots): Manifest['root']['key'] {
  if (roots === 'all' || 'where' in roots) return null
  const [key = '', ...others] = roots.keys
  return others.length === 0 ? key : roots.keys
}
