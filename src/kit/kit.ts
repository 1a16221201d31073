import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Value } from '../migrations/derive-entities.ts'
import type { Layout } from '../migrations/folder.ts'
import type { Project } from '../project/project.ts'
import { type Call, withCalls } from './calls.ts'
import { type Difference, differenceOf } from './difference.ts'
import { findKit, type Need } from './find.ts'
import { type Decisions, UNDECIDED } from './rename.ts'
import { schemaError } from './schema-error.ts'
import { schemaFiles } from './schema-files.ts'
import { emptyState } from './states.ts'
import { type WriteRequest, type Written, writeMigration } from './write.ts'

/** The project's own drizzle-kit, at work in a process of its own. A state is what a snapshot holds. */
export interface Kit {
  readonly version: string
  /** What it makes: 0.31 a journal with snapshots of version 7, 1.0 folders with a flat list. */
  readonly layout: Layout
  /** The state that a project's schema files describe, its own unless another is given. Throws OpsError `schema`, exit 2. */
  code(of?: Project): Promise<Value>
  /** The statements that lead from one state to the other, and what must be decided first. */
  difference(from: Value, to: Value, decisions?: Decisions): Promise<Difference>
  /** The state that a 1.0 snapshot stands for, which may hold only what one migration changed. */
  reconstruct(snapshots: Readonly<Record<string, Value>>, id: string): Promise<Value>
  /** Has drizzle-kit write a migration, and says what it said: only the disk tells whether it is so. */
  write(request: WriteRequest): Promise<Written>
}

/**
 * Runs `work` with the drizzle-kit that the project has; with a layout, only if it makes that one.
 * Throws OpsError `drizzle-kit`, exit 2, where it has none that fits.
 */
export async function withKit<T>(
  context: Context,
  project: Project,
  need: Need,
  work: (kit: Kit) => Promise<T>,
  layout?: Layout,
): Promise<T> {
  const found = findKit(project, need, layout)
  const { version, layout: made } = found
  return withCalls(context, found.module, project.root, call => {
    const told = explaining(call, version, need)
    return work({
      version,
      layout: made,
      code: (of = project) => codeOf(call, context, of, made, version),
      difference: (from, to, decisions = UNDECIDED) => differenceOf(told, made, from, to, decisions),
      reconstruct: (snapshots, id) => told<Value>('reconstruct', { snapshots, id }),
      write: async request =>
        writeMigration(told, found, project, await schemaFiles(context, project), request),
    })
  })
}

async function codeOf(
  call: Call,
  context: Context,
  project: Project,
  layout: Layout,
  version: string,
): Promise<Value> {
  const files = await schemaFiles(context, project)
  try {
    const state =
      layout === 'journal'
        ? await call<Value>('snapshot', { files, casing: project.config.casing })
        : await call<Value | null>('generated', { files })
    return state ?? emptyState(layout)
  } catch (error) {
    throw await schemaError(error as Error, version)
  }
}

/** A call whose failure is told as an error of drizzle-kit's. */
function explaining(call: Call, version: string, { failed, otherwise }: Need): Call {
  return async <T>(name: string, argument: object) => {
    try {
      return await call<T>(name, argument)
    } catch (error) {
      throw new OpsError({
        code: 'drizzle-kit',
        message: `drizzle-kit ${version} ${failed}: ${(error as Error).message}`,
        hint: otherwise ? `${otherwise.charAt(0).toUpperCase()}${otherwise.slice(1)}.` : REPORT,
        cause: error,
      })
    }
  }
}

const REPORT = 'See whether drizzle-kit generate says the same; a newer drizzle-kit may know better.'
