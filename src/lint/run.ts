import { existsSync } from 'node:fs'
import type { Context } from '../command.ts'
import { readSqlText } from '../migrations/sql-file.ts'
import { configMissing } from '../project/find.ts'
import type { Project } from '../project/project.ts'
import { loadParser, type Parser } from '../sql/parse.ts'
import type { Finding } from './finding.ts'
import { emptyGround, type Ground, type Live, readLive, settle } from './ground.ts'
import { lintJournal } from './journal.ts'
import { levelsOf } from './levels.ts'
import { lintScript } from './lint.ts'
import { askDatabase } from './reach.ts'
import { type CutFile, cutFile, type LintScript, parseFile } from './script.ts'
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
  parsing = loadParser(),
): Promise<LintOutcome> {
  const levels = levelsOf(project)
  const shown = shownIn(context.cwd)
  const cut = (file: string) => cutFile({ file: shown(file), text: readSqlText(file) })
  const chosen = await choose(context, project, scope)
  const asked = await askDatabase(context, project, async database => {
    const { judgePending } = await import('./pending.ts')
    const parser = await parsing
    const read = (file: string) => parseFile(cut(file), parser)
    const isOpen = chosen === undefined && project !== undefined
    return {
      pending: isOpen ? await judgePending(database, project, read, parser, levels) : undefined,
      live: await readLive(database),
    }
  })
  const alone = async () => {
    // V8 compiles the parser on a thread of its own: what needs none is done meanwhile
    const files = inOrder(project, chosen).map(file => ({
      judged: !chosen || chosen.has(file),
      cut: cut(file),
    }))
    const parser = await parsing
    return inTurn(files, parser, emptyGround(project, parser, levels, asked?.live), asked?.live)
  }
  const judged = asked?.pending ?? (await alone())
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

/** What was chosen, and what comes before it. */
function inOrder(project: Project | undefined, chosen: ReadonlySet<string> | undefined): string[] {
  const known = project ? migrationFiles(project) : []
  const elsewhere = [...(chosen ?? [])].filter(file => !known.includes(file))
  const last = chosen ? Math.max(-1, ...known.map((file, at) => (chosen.has(file) ? at : -1))) : known.length
  return [...(elsewhere.length > 0 ? known : known.slice(0, last + 1)), ...elsewhere]
}

/** Each file on what the files before it have made; those that are not judged are only followed. */
function inTurn(
  all: readonly { readonly judged: boolean; readonly cut: CutFile }[],
  parser: Parser,
  ground: Ground,
  live: Live | undefined,
): JudgedFiles {
  const findings: Finding[] = []
  const files: string[] = []
  for (const { judged, cut } of all) {
    const script = parseFile(cut, parser)
    if (judged) {
      files.push(script.file)
      findings.push(...lintScript(script, ground))
    } else replay(script, ground)
    settle(ground, live?.rows)
  }
  return { files, findings }
}
