import { resolve } from 'node:path'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import { type SeedResult, seedTables } from './seed.ts'
import { runWritten, type WrittenResult } from './written/written.ts'

const DAY = 86_400_000

/** What `seed` does without flags, of a database that somebody has just agreed to drop everything in. */
export async function seedAsUsual(
  context: Context,
  database: Database,
  project: Project,
): Promise<SeedResult | WrittenResult> {
  const agreed = { ...context, globals: { ...context.globals, yes: true, on: database.identity.name } }
  const { file, rows = {} } = project.ops.seed ?? {}
  const usual = { seed: '1', now: Math.floor(Date.now() / DAY) * DAY, dryRun: false }
  if (file !== undefined)
    return runWritten(agreed, database, project, {
      ...usual,
      file: resolve(project.root, file),
      upsert: false,
    })
  return seedTables(agreed, database, project, {
    ...usual,
    counts: { tables: rows, scale: 1 },
    only: [],
    exclude: [],
    mode: 'refuse',
    commitEachTable: false,
  })
}
