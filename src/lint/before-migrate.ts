import { hasTables } from '../catalog/has-tables.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'

import type { Migration } from '../migrations/folder.ts'
import { readSqlText } from '../migrations/sql-file.ts'
import type { Work } from '../migrations/work.ts'
import type { Project } from '../project/project.ts'
import { loadParser } from '../sql/parse.ts'
import type { RuleName } from './catalogue.ts'
import type { Finding } from './finding.ts'
import { liveGround } from './ground.ts'
import { lintJournal } from './journal.ts'
import { levelsOf } from './levels.ts'
import { lintScript } from './lint.ts'
import { readLintScript } from './script.ts'
import { shownIn } from './select.ts'

/**
 * Looks at what a run is about to apply. Throws OpsError `lint`, whose document holds the findings, where one of them
 * is an error and nobody allows it; tells the warnings, and what is wrong with the journal.
 */
export async function lintBefore({ context, database, project, limits, progress }: Work): Promise<void> {
  for (const warning of journalWarnings(context, project, progress.pending)) context.report.warn(warning)
  const findings = await lintPending(context, database, project, progress.pending)
  const isGranted = limits.allow.includes('lint')
  for (const finding of findings)
    if (
      (finding.level === 'warning' && !UNTOLD.includes(finding.rule)) ||
      (finding.level === 'error' && isGranted)
    )
      context.report.warn(sentence(finding))
  const refusal = isGranted ? undefined : refusalOf(findings)
  if (refusal) throw refusal
}

/** What lint says of migrations on this database. An empty one has nobody to hurt, and needs no parser. */
export async function lintPending(
  { cwd }: Pick<Context, 'cwd'>,
  database: Database,
  project: Project,
  pending: readonly Migration[],
): Promise<Finding[]> {
  const levels = levelsOf(project)
  if (!project.ops.lint?.rules && !(await hasTables(database, project.migrationsTable))) return []
  const parser = await loadParser()
  const shown = shownIn(cwd)
  const scripts = pending.map(({ file }) =>
    readLintScript({ file: shown(file), text: readSqlText(file) }, parser),
  )
  const ground = await liveGround(database, project, scripts, parser, levels)
  return scripts.flatMap(script => lintScript(script, ground))
}

/** Of what cannot be parsed the server says more, and this run does what drizzle cannot. */
const UNTOLD: readonly RuleName[] = ['not-analysed', 'concurrently-in-transaction']

/** Errors stop a run; undefined where there are none. */
export function refusalOf(findings: readonly Finding[]): OpsError | undefined {
  const errors = findings.filter(({ level }) => level === 'error')
  const [first] = errors
  if (!first) return undefined
  const { file, line, statement } = first
  return new OpsError({
    code: 'lint',
    message: `Lint forbids ${errors.length === 1 ? 'a statement' : `${errors.length} statements`}, so nothing was applied.\n${errors.map(sentence).join('\n')}`,
    hint: 'drizzle-ops lint shows what to write instead. To run it as it is: --allow lint, or for good a line -- drizzle-ops: allow <rule> <reason> above the statement.',
    where: { file, line, ...(statement !== null && { statement }) },
    known: { findings },
  })
}

function sentence({ file, line, rule, message }: Finding): string {
  return `${file}:${line} ${rule}: ${message}`
}

/** One for each rule: a folder may lack a hundred snapshots. */
function journalWarnings({ cwd }: Context, project: Project, pending: readonly Migration[]): string[] {
  const findings = lintJournal(project.out, levelsOf(project), shownIn(cwd)).filter(
    // a hand-written migration that was applied long ago needs no reminder
    ({ rule, message }) => rule !== 'snapshot-missing' || pending.some(({ name }) => message.includes(name)),
  )
  const rules = [...new Set(findings.map(({ rule }) => rule))]
  return rules.flatMap(rule => {
    const [first, ...others] = findings.filter(finding => finding.rule === rule)
    const more = others.length > 0 ? ` And ${others.length} more: drizzle-ops lint shows them.` : ''
    return first ? `${sentence(first)}${more}` : []
  })
}
