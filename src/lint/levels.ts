import type { LintSetting } from '../config.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { suggestion } from '../suggestion.ts'
import {
  CATALOGUE,
  isRuleName,
  LEVELS,
  type Level,
  RULE_NAMES,
  type RuleName,
  type Weight,
} from './catalogue.ts'

/** Rows from which on a lock is worth a warning, and from which on it is an outage. */
export const WARNING_ROWS = 10_000
export const ERROR_ROWS = 1_000_000

/**
 * The level of a finding by its rule and by the rows of the table: null where nobody knows them, undefined where
 * there is no table. undefined: the rule is off.
 */
export type Levels = (rule: RuleName, rows: number | null | undefined, given?: Level) => Level | undefined

const THRESHOLDS = ['warning', 'error'] as const

/** Reads `ops.lint.rules`. Throws OpsError `ops-unknown-key` or `ops-invalid`, exit 2. */
export function levelsOf(project: Pick<Project, 'ops' | 'configFile'> | undefined): Levels {
  const rules = readRules(project)
  return (rule, rows, given) => {
    const setting = rules[rule]
    if (setting === 'off') return undefined
    if (typeof setting === 'string') return setting
    const weight: Weight = CATALOGUE[rule].weight
    if (setting === undefined && given) return given
    return weight === 'rows' || weight === 'data' || setting ? byRows(weight, rows, setting ?? {}) : weight
  }
}

function byRows(
  weight: Weight,
  rows: number | null | undefined,
  { warning = weight === 'data' ? 1 : WARNING_ROWS, error = ERROR_ROWS }: Exclude<LintSetting, string>,
): Level {
  if (rows === null || rows === undefined) return 'warning'
  if (rows >= error) return 'error'
  return rows >= warning ? 'warning' : 'note'
}

function readRules(
  project: Pick<Project, 'ops' | 'configFile'> | undefined,
): Readonly<Partial<Record<RuleName, LintSetting>>> {
  const rules = project?.ops.lint?.rules ?? {}
  for (const [name, setting] of Object.entries(rules)) {
    if (!isRuleName(name)) {
      throw new OpsError({
        code: 'ops-unknown-key',
        message: `ops.lint.rules of ${project?.configFile} names an unknown rule ${name}.`,
        hint: suggestion(name, RULE_NAMES, `The rules are ${RULE_NAMES.join(', ')}.`),
        exit: 2,
      })
    }
    if (!isSetting(setting)) {
      throw new OpsError({
        code: 'ops-invalid',
        message: `ops.lint.rules['${name}'] of ${project?.configFile} is neither a level nor thresholds.`,
        hint: `Write 'off', ${LEVELS.map(level => `'${level}'`).join(', ')}, or { warning: ${WARNING_ROWS}, error: ${ERROR_ROWS} }, which count the table's rows.`,
        exit: 2,
      })
    }
  }
  return rules
}

function isSetting(setting: unknown): setting is LintSetting {
  if (setting === 'off' || LEVELS.some(level => level === setting)) return true
  if (typeof setting !== 'object' || setting === null) return false
  return Object.entries(setting).every(
    ([key, rows]) => THRESHOLDS.some(each => each === key) && Number.isFinite(rows) && rows >= 0,
  )
}

/** Whether a level is as bad as another, or worse. */
export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least)
}
