import { allowing } from './allow.ts'
import type { Finding } from './finding.ts'
import { type Ground, resetSearchPath } from './ground.ts'
import { keyProblems } from './rules/foreign-keys.ts'
import { markerProblems } from './rules/markers.ts'
import type { LintScript } from './script.ts'
import { statementProblems } from './statements.ts'

/** Judges one file after those before it. The ground is left as the file leaves it. */
export function lintScript(script: LintScript, ground: Ground): Finding[] {
  resetSearchPath(ground)
  const judged = [
    ...markerProblems(script, ground.levels),
    ...statementProblems(script, ground),
    ...keyProblems(script, ground),
  ]
  return allowing(script, judged, ground.levels)
    .toSorted((a, b) => a.line - b.line)
    .map(({ statement, rule, level, line, message, fix }) => ({
      rule,
      level,
      file: script.file,
      line,
      statement: statement?.number ?? null,
      sql: statement?.sql ?? null,
      message,
      fix,
    }))
}
