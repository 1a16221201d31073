import { existsSync } from 'node:fs'
import type { Context } from '../command.ts'
import { readSqlText } from '../migrations/sql-file.ts'
import { configMissing } from '../project/find.ts'
import type { Project } from '../project/project.ts'
import { loadParser } from '../sql/parse.ts'
import type { Finding } from './finding.ts'
import { emptyGround, type Ground, type Live, readLive, settle } from './ground.ts'
import { lintJournal } from './journal.ts'
import { levelsOf } from './levels.ts'
import { lintScript } from './lint.ts'
import { askDatabase } from './reach.ts'
import { type LintScript, readLintScript } from './script.ts'
import { changedSince, migrationFiles, namedFiles, shownIn } from './select.ts'
import { replay } from './statements.ts'

/** Which files to look at. Without any: what is pending, or all where no database tells. */
export interface LintScope {
  readonly files: readonly string[]
  readonly since?: string | undefined
  readonly all?: boolean | undefined
}

export interface LintOutcome {
  readonly files: readonly string[]
  /** Whether levels follow the sizes of a live database's tables. */
  readonly sizes: 'live' | 'unknown'
  readonly findings: readonly Finding[]
}

/** Looks at migrations before they run. Starts no server, and works without any. */
export async function lint(
  context: Context,
  project: Project | undefined,
  scope: LintScope,
): Promise<LintOutcome> {
  const levels = levelsOf(project)
  const shown = shownIn(context.cwd)
  const parser = await loadParser()
  const read = (file: string) => readLintScript({ file: shown(file), text: readSqlText(file) }, parser)
  const chosen = await choose(context, project, scope)
  const asked = await askDatabase(context, project, async database => {
    const { judgePending } = await import('./pending.ts')
    const isOpen = chosen === undefined && project !== undefined
    return {
      pending: isOpen ? await judgePending(database, project, read, parser, levels) : undefined,
      live: await readLive(database),
    }
  })
  const judged =
    asked?.pending ??
    inTurn(project, chosen, read, emptyGround(project, parser, levels, asked?.live), asked?.live)
  return {
    files: judged.files,
    sizes: asked ? 'live' : 'unknown',
    findings: [
      ...(project && scope.files.length === 0 && existsSync(project.out)
        ? lintJournal(project.out, levels, shown)
        : []),
      ...judged.findings,
    ],
  }
}

export type Read = (file: string) => LintScript

/** Throws OpsError, exit 2, where there is nothing to choose from. undefined: whatever is pending. */
async function choose(
  { cwd }: Context,
  project: Project | undefined,
  { files, since, all }: LintScope,
): Promise<ReadonlySet<string> | undefined> {
  if (files.length > 0) return new Set(namedFiles(cwd, files))
  if (!project) throw configMissing(cwd)
  if (since !== undefined) {
    const changed = await changedSince(project, since)
    return new Set(migrationFiles(project).filter(file => changed.has(file)))
  }
  return all ? new Set(migrationFiles(project)) : undefined
}

export interface JudgedFiles {
  readonly files: readonly string[]
  readonly findings: readonly Finding[]
}

/** Each file on what the files before it have made; those that were not chosen are only followed. */
function inTurn(
  project: Project | undefined,
  chosen: ReadonlySet<string> | undefined,
  read: Read,
  ground: Ground,
  live: Live | undefined,
): JudgedFiles {
  const known = project ? migrationFiles(project) : []
  const elsewhere = [...(chosen ?? [])].filter(file => !known.includes(file))
  const last = chosen ? Math.max(-1, ...known.map((file, at) => (chosen.has(file) ? at : -1))) : known.length
  const findings: Finding[] = []
  const files: string[] = []
  for (const file of [...(elsewhere.length > 0 ? known : known.slice(0, last + 1)), ...elsewhere]) {
    const script = read(file)
    if (!chosen || chosen.has(file)) {
      files.push(script.file)
      findings.push(...lintScript(script, ground))
    } else replay(script, ground)
    settle(ground, live?.rows)
  }
  return { files, findings }
}
