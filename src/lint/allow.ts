import { nearest } from '../suggestion.ts'
import { isRuleName, RULE_NAMES, type RuleName } from './catalogue.ts'
import type { Judged } from './finding.ts'
import type { Levels } from './levels.ts'
import { type FileStatement, type LintScript, lineCounter } from './script.ts'

/** A comment that silences rules for one statement. */
interface Allowance {
  readonly line: number
  readonly rules: readonly RuleName[]
  /** undefined where no statement follows. */
  readonly statement: FileStatement | undefined
  /** What is wrong with the comment. */
  readonly fault: string | undefined
  /** The comment as it should be. */
  readonly corrected: string
}

const ALLOWANCE = /--[^\S\n]*drizzle-ops:[^\S\n]*allow\b[^\S\n]*([\w,-]*)[^\S\n]*([^\n]*)/g
const BLANK = /^\s*$/
export const REASON = '<why this is safe here>'

/** `-- drizzle-ops: allow <rule> <reason>`, in the statement, above it, or behind it on its last line. */
function readAllowances({ text, statements }: LintScript): Allowance[] {
  const lineAt = lineCounter(text)
  return [...text.matchAll(ALLOWANCE)].map(({ index, 1: names = '', 2: reason = '' }) => {
    const wanted = names.split(',').filter(name => name !== '')
    const foreign = wanted.find(name => !isRuleName(name))
    const meant = wanted.map(name => (isRuleName(name) ? name : (nearest(name, RULE_NAMES) ?? '<rule>')))
    return {
      line: lineAt(index),
      rules: wanted.filter(isRuleName),
      statement: statementAt(text, statements, index),
      fault:
        wanted.length === 0
          ? 'names no rule'
          : foreign !== undefined
            ? `names an unknown rule ${foreign}`
            : BLANK.test(reason)
              ? 'gives no reason'
              : undefined,
      corrected: `-- drizzle-ops: allow ${meant.join(',') || '<rule>'} ${reason.trim() || REASON}`,
    }
  })
}

/** Leaves out what comments allow, and says which of them are wrong or allow what nobody does. */
export function allowing(script: LintScript, judged: readonly Judged[], levels: Levels): Judged[] {
  const allowances = readAllowances(script)
  const isAllowed = ({ rule, statement }: Judged, allowance: Allowance) =>
    statement !== undefined && allowance.statement === statement && allowance.rules.includes(rule)
  return [
    ...judged.filter(each => !allowances.some(allowance => isAllowed(each, allowance))),
    ...allowances.flatMap((allowance): Judged[] => {
      const { line, statement, fault, corrected, rules } = allowance
      const unused = rules.filter(
        rule => !judged.some(each => each.rule === rule && isAllowed(each, allowance)),
      )
      const place = { line, statement }
      const invalid = levels('allowance-invalid', undefined)
      const level = levels('unused-allowance', undefined)
      return [
        ...(fault && invalid
          ? [
              {
                rule: 'allowance-invalid' as const,
                level: invalid,
                message: `The comment ${fault}.`,
                fix: corrected,
                ...place,
              },
            ]
          : []),
        ...(unused.length > 0 && level
          ? [
              {
                rule: 'unused-allowance' as const,
                level,
                message: unusedMessage(unused),
                fix: null,
                ...place,
              },
            ]
          : []),
      ]
    }),
  ]
}

function unusedMessage(rules: readonly string[]): string {
  return `The comment allows ${rules.join(', ')}, which the statement does not do${rules.length > 1 ? ' all' : ''}. Take it out, so that it hides nothing later.`
}

function statementAt(
  text: string,
  statements: readonly FileStatement[],
  at: number,
): FileStatement | undefined {
  const before = statements.findLast(({ end }) => end <= at)
  if (before && !text.slice(before.end, at).includes('\n')) return before
  return statements.find(({ end }) => end > at)
}
