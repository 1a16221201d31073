import { kindOf } from '../sql/tree.ts'
import type { RuleName } from './catalogue.ts'
import type { Rule, Subject } from './rule.ts'
import { columnRules } from './rules/columns.ts'
import { constraintRules } from './rules/constraints.ts'
import { definitionRules } from './rules/definitions.ts'
import { drizzleRules } from './rules/drizzle.ts'
import { dropRules } from './rules/drops.ts'
import { enumRules } from './rules/enums.ts'
import { indexRules } from './rules/indexes.ts'
import { maintenanceRules } from './rules/maintenance.ts'
import { renameRules } from './rules/renames.ts'
import { rowRules } from './rules/rows.ts'
import { typeRules } from './rules/types.ts'
import type { Step } from './steps.ts'

/** What looks at steps. A new rule is an entry in one of these, and its line in the catalogue. */
const RULES = Object.entries({
  ...indexRules,
  ...constraintRules,
  ...columnRules,
  ...typeRules,
  ...rowRules,
  ...dropRules,
  ...renameRules,
  ...enumRules,
  ...maintenanceRules,
  ...definitionRules,
  ...drizzleRules,
}) as readonly NamedRule[]

type NamedRule = readonly [RuleName, Rule]

const EVERYWHERE = RULES.filter(([, { subjects }]) => subjects === undefined)

const BY_SUBJECT: ReadonlyMap<Subject, readonly NamedRule[]> = new Map(
  RULES.flatMap(([, { subjects = [] }]) => subjects).map(subject => [
    subject,
    RULES.filter(([, { subjects }]) => subjects === undefined || subjects.includes(subject)),
  ]),
)

/** The rules that look at a step: some of the 65, and a file of ten thousand statements notices. */
export function rulesFor({ tree, alter }: Step): readonly NamedRule[] {
  return BY_SUBJECT.get(alter?.command.subtype ?? kindOf(tree)) ?? EVERYWHERE
}
