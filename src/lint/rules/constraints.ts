import type { Constraint as ConstraintNode } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import { columnsOf } from '../../sql/effects/create-table.ts'
import { as, columnsIn, words } from '../../sql/tree.ts'
import { afterCommand, onCommand, type Rule, type Rules } from '../rule.ts'
import type { Alteration, Problem, Scene } from '../scene.ts'
import { allowed, apart, columnList, nameFor } from '../sql.ts'

const ADD = /^ADD\s+/i
/** What stands behind a key's columns: INCLUDE belongs to the index, DEFERRABLE to the constraint. */
const DEFERRABLE = /\s(?:NOT\s+)?DEFERRABLE\b.*$/is

interface Added extends Alteration {
  readonly constraint: ConstraintNode
  /** Its own name, or the one that it should have. */
  readonly constraintName: string
  /** `ADD CONSTRAINT "name" …` */
  readonly named: string
}

export const constraintRules: Rules = {
  'foreign-key-validates': onAdded('CONSTR_FOREIGN', (added, scene) => {
    if (added.constraint.skip_validation || added.constraint.is_enforced === false) return []
    const { table, constraint } = added
    return [
      {
        table,
        message: `ADD FOREIGN KEY reads all of ${table.name} while nobody can write to it, nor to ${constraint.pktable?.relname}.`,
        // PostgreSQL 18 is the first to take one on trust there
        fix:
          isPartitioned(added) && scene.ground.server.major < 18
            ? allowed('foreign-key-validates', scene.step.sql)
            : onTrust(added),
      },
    ]
  }),

  'check-validates': onAdded('CONSTR_CHECK', added => {
    if (added.constraint.skip_validation || added.constraint.is_enforced === false) return []
    return [
      {
        table: added.table,
        message: `ADD CHECK reads all of ${added.table.name} while nobody else can read or write it.`,
        fix: onTrust(added),
      },
    ]
  }),

  'unique-builds-index': onAdded('CONSTR_UNIQUE', (added, scene) => {
    if (added.constraint.indexname) return []
    const { table, rest } = added
    return [
      {
        table,
        message: `ADD UNIQUE builds an index while nobody else can read or write ${table.name}.`,
        fix: isPartitioned(added)
          ? allowed('unique-builds-index', scene.step.sql)
          : apart(...rest, ...throughIndex(added, 'UNIQUE')),
      },
    ]
  }),

  'primary-key-builds-index': onAdded('CONSTR_PRIMARY', (added, scene) => {
    if (added.constraint.indexname) return []
    const { table, rest, constraint } = added
    const open = columnsOf(constraint).filter(column => !table.columns.get(column)?.notNull)
    return [
      {
        table,
        message: `ADD PRIMARY KEY builds an index while nobody else can read or write ${table.name}${open.length > 0 ? ', and reads it once more to see that nothing is NULL' : ''}.`,
        fix: isPartitioned(added)
          ? allowed('primary-key-builds-index', scene.step.sql)
          : apart(...rest, ...provenNotNull(added, open), ...throughIndex(added, 'PRIMARY KEY')),
      },
    ]
  }),

  'exclusion-builds-index': onAdded('CONSTR_EXCLUSION', ({ table }, { step }) => [
    {
      table,
      message: `ADD EXCLUDE builds an index while nobody else can read or write ${table.name}, and PostgreSQL has no other way: run it when nobody works.`,
      fix: allowed('exclusion-builds-index', step.sql),
    },
  ]),

  'validate-in-transaction': onCommand('AT_ValidateConstraint', (validation, scene) => {
    const { table, command } = validation
    const adding = scene.earlier.find(({ step }) => {
      const added = as('Constraint', step.alter?.command.def)
      return (
        added?.skip_validation === true &&
        added.conname === command.name &&
        step.alter?.written().head === validation.head
      )
    })
    if (!adding) return []
    return [
      {
        table,
        message: `The lock that ADD CONSTRAINT took on ${table.name} is held until the transaction ends, so VALIDATE reads the table under it and NOT VALID gained nothing.`,
        fix: apart(adding.step.sql, scene.step.sql),
      },
    ]
  }),

  'set-not-null-scans': afterCommand(['AT_AddConstraint', 'AT_SetNotNull'], (alteration, { effects }) => {
    if (effects.scans.length === 0) return []
    const added = addedOf(alteration, 'CONSTR_NOTNULL')
    if (added) return [{ table: added.table, message: readsAll(added), fix: onTrust(added) }]
    const { table, command, rest } = alteration
    if (command.subtype === 'AT_AddConstraint') return []
    const column = command.name ?? ''
    return [
      { table, message: readsAll(alteration), fix: apart(...rest, ...provenNotNull(alteration, [column])) },
    ]
  }),
}

function onAdded(
  type: ConstraintNode['contype'],
  find: (added: Added, scene: Scene) => readonly Problem[],
): Rule {
  return onCommand('AT_AddConstraint', (alteration, scene) => {
    const added = addedOf(alteration, type)
    return added ? find(added, scene) : []
  })
}

function addedOf(alteration: Alteration, type: ConstraintNode['contype']): Added | undefined {
  const constraint = as('Constraint', alteration.command.def)
  if (!constraint || constraint.contype !== type) return undefined
  const constraintName = constraint.conname || usualName(alteration, constraint)
  const named = constraint.conname
    ? alteration.text
    : alteration.text.replace(ADD, () => `ADD CONSTRAINT ${quoted(constraintName)} `)
  return { ...alteration, constraint, constraintName, named }
}

const LABELS: Partial<Record<NonNullable<ConstraintNode['contype']>, string>> = {
  CONSTR_FOREIGN: 'fkey',
  CONSTR_CHECK: 'check',
  CONSTR_UNIQUE: 'key',
  CONSTR_NOTNULL: 'not_null',
}

function usualName({ table }: Alteration, constraint: ConstraintNode): string {
  const label = constraint.contype && LABELS[constraint.contype]
  if (!label) return nameFor(table.name, 'pkey')
  const columns =
    constraint.contype === 'CONSTR_CHECK' ? columnsIn(constraint.raw_expr) : columnsOf(constraint)
  return nameFor(table.name, ...new Set(columns), label)
}

function isPartitioned({ table }: Alteration): boolean {
  return table.kind === 'partitioned table'
}

function readsAll({ table }: Alteration): string {
  return `SET NOT NULL reads all of ${table.name} while nobody else can read or write it.`
}

/** Added without a look at the rows, then validated under a lock that lets everybody work. */
function onTrust({ head, named, constraintName, rest }: Added): string {
  return apart(...rest, `${head} ${named} NOT VALID`, `${head} VALIDATE CONSTRAINT ${quoted(constraintName)}`)
}

/** SET NOT NULL reads nothing where a valid check says the same. */
function provenNotNull({ head, table }: Alteration, columns: readonly string[]): string[] {
  return columns.flatMap(column => {
    const check = quoted(nameFor(table.name, column, 'not_null'))
    return [
      `${head} ADD CONSTRAINT ${check} CHECK (${quoted(column)} IS NOT NULL) NOT VALID`,
      `${head} VALIDATE CONSTRAINT ${check}`,
      `${head} ALTER COLUMN ${quoted(column)} SET NOT NULL`,
      `${head} DROP CONSTRAINT ${check}`,
    ]
  })
}

/** The index is built while everybody works; the constraint takes it over in a moment. */
function throughIndex(added: Added, kind: 'UNIQUE' | 'PRIMARY KEY'): string[] {
  const { head, name, text, constraint, constraintName } = added
  const index = quoted(constraintName)
  const including = words(constraint.including)
  const include = including.length > 0 ? ` INCLUDE ${columnList(including)}` : ''
  const nulls = constraint.nulls_not_distinct ? ' NULLS NOT DISTINCT' : ''
  const deferrable = DEFERRABLE.exec(text)?.[0] ?? ''
  return [
    `CREATE UNIQUE INDEX CONCURRENTLY ${index} ON ${name} ${columnList(columnsOf(constraint))}${include}${nulls}`,
    `${head} ADD CONSTRAINT ${index} ${kind} USING INDEX ${index}${deferrable}`,
  ]
}
