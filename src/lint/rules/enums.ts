import { quoted } from '../../database/identifier.ts'
import type { Relation } from '../../sql/relations.ts'
import { findType } from '../../sql/relations.ts'
import { all, as, type Body, type Name, nameOf, nodesIn, words } from '../../sql/tree.ts'
import type { Rules } from '../rule.ts'
import type { Problem, Scene } from '../scene.ts'
import { allowed, apart, together } from '../sql.ts'

const CHECK = /\bCHECK\b/i
const ADD = /\sADD\s/i
const UNNAMED = /^\s*ADD\s+(?=CHECK)/i
/** The name of an array's type begins so. */
const ARRAY = /^_/

export const enumRules: Rules = {
  'enum-value-used': {
    before: scene => {
      const added = scene.earlier.flatMap(({ step }) => addedValue(scene, step.tree) ?? [])
      const used = added.find(value => uses(scene, value))
      if (!used) return []
      return [
        {
          message: `The value '${used.value}' was added to ${used.type.name} in this file, and PostgreSQL lets nobody use it before the transaction has committed: the statement fails.`,
          fix: apart(
            ...new Set(
              scene.earlier
                .filter(({ step }) => as('AlterEnumStmt', step.tree)?.newVal === used.value)
                .map(({ step }) => step.sql),
            ),
            scene.step.sql,
          ),
        },
      ]
    },
  },

  'domain-constraint': {
    subjects: ['CreateDomainStmt', 'AlterDomainStmt'],
    before: scene => [...ofNewDomain(scene), ...ofOldDomain(scene)],
  },
}

function ofNewDomain({ step }: Scene): readonly Problem[] {
  const created = as('CreateDomainStmt', step.tree)
  const checked = all('Constraint', created?.constraints).find(({ contype }) => contype === 'CONSTR_CHECK')
  if (!checked) return []
  const before = Buffer.from(step.sql).toString('utf8', 0, checked.location ?? 0)
  return [
    {
      level: 'note',
      message:
        'A check of a domain can later be changed only by reading every table that uses it, under a lock. A check of the table can be taken on trust and validated.',
      fix:
        CHECK.test(before) || before.trim() === ''
          ? allowed('domain-constraint', step.sql)
          : together(before.trim()),
    },
  ]
}

function ofOldDomain({ step, ground: { relations } }: Scene): readonly Problem[] {
  const alter = as('AlterDomainStmt', step.tree)
  const constraint = as('Constraint', alter?.def)
  if (alter?.subtype !== 'C' || !constraint || constraint.skip_validation) return []
  const name = nameOf(words(alter.typeName))
  if (findType(relations, name)?.oid.startsWith('new ')) return []
  const head = `ALTER DOMAIN ${name.schema ? quoted(name.schema, name.name) : quoted(name.name)}`
  const own = constraint.conname || `${name.name}_check`
  const text = step.sql.slice(step.sql.search(ADD)).replace(UNNAMED, `ADD CONSTRAINT ${quoted(own)} `)
  return [
    {
      message: `Every table with a column of ${name.name} is read while nobody can write to it.`,
      fix: apart(`${head} ${text.trim()} NOT VALID`, `${head} VALIDATE CONSTRAINT ${quoted(own)}`),
    },
  ]
}
interface AddedValue {
  readonly type: Name
  readonly value: string
}

/** A value of a type that stood there before: one made in the same transaction may be used at once. */
function addedValue({ ground: { relations } }: Scene, tree: Scene['step']['tree']): AddedValue | undefined {
  const alter = as('AlterEnumStmt', tree)
  if (!alter?.newVal || alter.oldVal) return undefined
  const type = nameOf(words(alter.typeName))
  return findType(relations, type)?.oid.startsWith('new ') ? undefined : { type, value: alter.newVal }
}

/** Whether the statement holds the value as text, and a column or a cast of the type, or nobody knows. */
function uses({ step, ground: { relations } }: Scene, { type, value }: AddedValue): boolean {
  const nodes = [...nodesIn([step.tree])]
  if (!nodes.some(({ kind, body }) => kind === 'A_Const' && (body as Body<'A_Const'>).sval?.sval === value))
    return false
  const isNamed = nodes.some(
    ({ kind, body }) => kind === 'typeName' && words((body as { names?: [] }).names).at(-1) === type.name,
  )
  if (isNamed) return true
  const names = nodes.flatMap(({ body }) => (body as { relname?: string }).relname ?? [])
  const tables = [...relations.byName.values()].filter(({ name }) => names.includes(name))
  return tables.length === 0 || tables.some(table => isUnknown(table) || hasColumnOf(table, type))
}

function isUnknown({ columns }: Relation): boolean {
  return columns.size === 0
}

function hasColumnOf({ columns }: Relation, { name }: Name): boolean {
  return [...columns.values()].some(
    ({ type }) => type.type === undefined || type.type.name.replace(ARRAY, '') === name,
  )
}
