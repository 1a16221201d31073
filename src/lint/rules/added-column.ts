import type { ColumnDef } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import { isSerial } from '../../sql/effects/columns.ts'
import { all, as } from '../../sql/tree.ts'
import { addedColumn, type ColumnText } from '../column-text.ts'
import type { Rule } from '../rule.ts'
import { type Aftermath, type Alteration, alterationOf, type Problem, type Scene } from '../scene.ts'

/** A column that comes to a table that stood there before the file. */
export interface Added extends Alteration, ColumnText {
  /** `ALTER TABLE "users" ADD COLUMN "name"` */
  readonly add: string
  readonly columnName: string
}

type Wanted = (column: ColumnDef) => boolean

/** Looks at new columns of some kind. */
export function onAdded(wanted: Wanted, find: (added: Added, scene: Scene) => readonly Problem[]): Rule {
  return {
    subjects: ['AT_AddColumn'],
    before: scene => {
      const added = addedOf(scene, wanted)
      return added ? find(added, scene) : []
    },
  }
}

/** Looks at new columns for which the table has been written anew. */
export function onRewriting(
  wanted: Wanted,
  find: (added: Added, scene: Aftermath) => readonly Problem[],
): Rule {
  return {
    subjects: ['AT_AddColumn'],
    after: scene => {
      const added = scene.effects.rewrites.length > 0 ? addedOf(scene, wanted) : undefined
      return added ? find(added, scene) : []
    },
  }
}

function addedOf(scene: Scene, wanted: Wanted): Added | undefined {
  const definition = as('ColumnDef', scene.step.alter?.command.def)
  if (!definition || !wanted(definition)) return undefined
  const alteration = alterationOf(scene)
  const pieces = alteration && addedColumn(scene.step.sql, scene.ground.parser)
  if (!pieces) return undefined
  const columnName = pieces.column.colname ?? ''
  const missing = alteration.command.missing_ok ? 'IF NOT EXISTS ' : ''
  return {
    ...alteration,
    ...pieces,
    columnName,
    add: `${alteration.head} ADD COLUMN ${missing}${quoted(columnName)}`,
  }
}

type Kind = NonNullable<ColumnText['constraints'][number]['constraint']['contype']>

function has({ constraints }: ColumnDef, kind: Kind): boolean {
  return all('Constraint', constraints).some(({ contype }) => contype === kind)
}

export function having(kind: Kind): Wanted {
  return column => has(column, kind)
}

/** Each row gets a number of its own. */
export function isNumbered(column: ColumnDef): boolean {
  return isSerial(column) || has(column, 'CONSTR_IDENTITY')
}

export function isRequired(column: ColumnDef): boolean {
  const fills: readonly Kind[] = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED']
  return has(column, 'CONSTR_NOTNULL') && !isSerial(column) && !fills.some(kind => has(column, kind))
}

/** The column's constraints but for some kinds. */
export function others({ constraints }: ColumnText, without: readonly Kind[]): string {
  return constraints
    .filter(({ constraint: { contype } }) => !contype || !without.includes(contype))
    .map(({ text }) => ` ${text}`)
    .join('')
}
