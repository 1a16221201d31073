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
import type { Rules } from './scene.ts'

/** What looks at each statement. A new rule is an entry in one of these, and its line in the catalogue. */
export const RULES: Rules = {
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
}
