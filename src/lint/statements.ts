import { isUtc } from '../sql/analyse.ts'
import { type Effects, effectsOf } from '../sql/effects.ts'
import { all, as, kindOf } from '../sql/tree.ts'
import type { RuleName } from './catalogue.ts'
import type { Judged } from './finding.ts'
import { type Ground, resetSearchPath } from './ground.ts'
import { introduce } from './introduce.ts'
import type { Levels } from './levels.ts'
import { rulesFor } from './rules.ts'
import { type Past, type Problem, rowsOf, type Scene } from './scene.ts'
import type { FileStatement, LintScript } from './script.ts'
import { type Step, stepsOf } from './steps.ts'

/** What rules say of the statements of a file, each of which finds what those before it have made. */
export function statementProblems(script: LintScript, ground: Ground): Judged[] {
  const judged = script.statements.flatMap(statement => unparsed(statement, ground.levels))
  let earlier: Past[] = []
  let transaction = 0
  let inUtc = false
  for (const step of script.statements.flatMap(stepsOf)) {
    const { statement } = step
    if (statement.transaction !== transaction) {
      transaction = statement.transaction
      earlier = []
      inUtc = false
    }
    const { problems, effects } = take({ step, script, ground, earlier, inUtc })
    for (const { rule, table, level: given, message, fix } of problems) {
      const level = ground.levels(rule, table && rowsOf(table), given)
      if (level) judged.push({ rule, level, message, fix, statement, line: statement.line })
    }
    // a file of ten thousand INSERTs is asked about each of them
    if (!ROWS_ALONE.includes(kindOf(step.tree))) earlier.push({ step, effects })
    inUtc ||= setsUtc(step)
  }
  return judged
}

const ROWS_ALONE = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'SelectStmt']

/** Leaves the ground as a file leaves it that is not judged. */
export function replay(script: LintScript, ground: Ground): void {
  resetSearchPath(ground)
  for (const step of script.statements.flatMap(stepsOf)) {
    introduce(step, ground)
    perform(step, ground, false)
  }
}

interface Found extends Omit<Problem, 'fix'> {
  readonly rule: RuleName
  readonly fix: string | null
}

/** Runs a step, and asks the rules before and after. */
function take(scene: Scene): { readonly problems: readonly Found[]; readonly effects: Effects } {
  const { step, ground, inUtc } = scene
  const rules = rulesFor(step)
  const problems: Found[] = []
  introduce(step, ground)
  for (const [rule, { before }] of rules)
    for (const problem of before?.(scene) ?? []) problems.push({ rule, ...problem })
  const effects = perform(step, ground, inUtc)
  for (const [rule, { after }] of rules)
    for (const problem of after?.({ ...scene, effects }) ?? []) problems.push({ rule, ...problem })
  problems.push(...unseen(effects))
  return { problems, effects }
}

function perform({ statement: { start, end }, tree }: Step, ground: Ground, inUtc: boolean): Effects {
  const { server, parser, relations } = ground
  return effectsOf({ start, end, tree }, inUtc ? { ...server, utc: true } : server, relations, parser)
}

function unseen({ notAnalysed }: Effects): Found[] {
  const hidden = notAnalysed.filter(reason => !reason.endsWith(MISSING))
  if (hidden.length === 0) return []
  const message = `What the statement does cannot be told from its text: it ${hidden.join(', ')}.`
  return [{ rule: 'not-analysed', message, fix: null }]
}

/** What is said of a table that nobody knows. */
const MISSING = 'does not exist here'

function unparsed(statement: FileStatement, levels: Levels): Judged[] {
  const { reason, line } = statement
  const level = reason === undefined ? undefined : levels('not-analysed', undefined, 'warning')
  if (!level) return []
  const message = `PostgreSQL's parser does not take the statement, so nothing is known of it: ${reason}.`
  return [{ rule: 'not-analysed', level, message, fix: null, statement, line }]
}

function setsUtc({ tree }: Step): boolean {
  const set = as('VariableSetStmt', tree)
  const [zone] = all('A_Const', set?.args)
  return set?.name === 'timezone' && isUtc(zone?.sval?.sval ?? '')
}
