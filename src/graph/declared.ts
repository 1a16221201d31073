import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { configMissing } from '../project/find.ts'
import type { Project } from '../project/project.ts'
import { type Graph, readGraph } from './graph.ts'
import { withVirtualReferences } from './virtual.ts'

/**
 * The graph of foreign keys with the references that the config declares and, if asked for, the relations of the
 * project's schema. Throws what `withVirtualReferences` and `withDrizzleRelations` throw.
 */
export async function declaredGraph(
  context: Context,
  database: Database,
  project: Project | undefined,
  relations: boolean,
): Promise<Graph> {
  const { references = [] } = project?.ops.graph ?? {}
  const declared = await withVirtualReferences(database, await readGraph(database), references)
  if (!relations) return declared
  if (!project) throw configMissing(context.cwd)
  const { withDrizzleRelations } = await import('./relations.ts')
  return withDrizzleRelations(context, database, project, declared)
}
