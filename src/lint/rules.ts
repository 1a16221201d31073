import { columnEffectRules, columnRules } from './rules/columns.ts'
import { constraintEffectRules, constraintRules } from './rules/constraints.ts'
import { definitionRules } from './rules/definitions.ts'
import { drizzleRules } from './rules/drizzle.ts'
import { dropRules } from './rules/drops.ts'
import { enumRules } from './rules/enums.ts'
import { indexRules } from './rules/indexes.ts'
import { maintenanceEffectRules, maintenanceRules } from './rules/maintenance.ts'
import { renameRules } from './rules/renames.ts'
import { rowEffectRules, rowRules } from './rules/rows.ts'
import { typeEffectRules, typeRules } from './rules/types.ts'
import type { EffectRules, Rules } from './scene.ts'

/** Those that look at nothing but a command of an ALTER TABLE: nobody else need ask them. */
export const ALTER_RULES: EffectRules = {
  ...constraintRules,
  ...columnRules,
  ...typeRules,
  ...constraintEffectRules,
  ...columnEffectRules,
  ...typeEffectRules,
}

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

/** What looks at what a statement does. */
export const EFFECT_RULES: EffectRules = {
  ...constraintEffectRules,
  ...columnEffectRules,
  ...typeEffectRules,
  ...rowEffectRules,
  ...maintenanceEffectRules,
}
