import type { Database } from '../database/database.ts'
import { inspect } from '../migrations/inspect.ts'
import type { Project } from '../project/project.ts'
import type { Parser } from '../sql/parse.ts'
import { liveGround } from './ground.ts'
import type { Levels } from './levels.ts'
import { lintScript } from './lint.ts'
import type { JudgedFiles, Read } from './run.ts'

/** What the database has not seen, judged on the database as it is. */
export async function judgePending(
  database: Database,
  project: Project,
  read: Read,
  parser: Parser,
  levels: Levels,
): Promise<JudgedFiles> {
  const { judged } = await inspect(database, project)
  const open = judged.flatMap(({ state: { state }, migration }) =>
    migration && (state === 'pending' || state === 'late') ? migration.file : [],
  )
  const scripts = open.map(read)
  const ground = await liveGround(database, project, scripts, parser, levels)
  return {
    files: scripts.map(({ file }) => file),
    findings: scripts.flatMap(each => lintScript(each, ground)),
  }
}
