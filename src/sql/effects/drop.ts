import type { DropStmt, Node } from 'libpg-query'
import { removeConstraint, removeRelation } from '../change.ts'
import { type Draft, holds, lock, lockAll, named, unknown } from '../draft.ts'
import {
  type Constraint,
  descendants,
  findRelation,
  findType,
  type Relation,
  relationKey,
} from '../relations.ts'
import { nameOf, wordsOf } from '../tree.ts'

const RELATIONS = ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE', 'OBJECT_FOREIGN_TABLE']
const ON_A_TABLE = ['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE']
/** What hangs from these is not looked up. */
const WITH_DEPENDENTS = [
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_AGGREGATE',
  'OBJECT_EXTENSION',
]

export function drop(
  draft: Draft,
  { objects = [], removeType = 'OBJECT_TABLE', behavior, missing_ok, concurrent }: DropStmt,
): void {
  const cascade = behavior === 'DROP_CASCADE'
  for (const object of objects) {
    const parts = wordsOf(object)
    if (RELATIONS.includes(removeType)) {
      const relation = present(draft, parts, missing_ok === true)
      if (relation) dropRelation(draft, relation, cascade)
    } else if (removeType === 'OBJECT_INDEX') {
      const index = present(draft, parts, missing_ok === true)
      if (index) dropIndex(draft, index, concurrent === true)
    } else if (ON_A_TABLE.includes(removeType)) {
      const table = present(draft, parts.slice(0, -1), missing_ok === true)
      if (table) dropFromTable(draft, table, removeType, parts.at(-1) ?? '')
    } else if (removeType === 'OBJECT_SCHEMA') dropSchema(draft, object, cascade)
    else if (removeType === 'OBJECT_TYPE' || removeType === 'OBJECT_DOMAIN') dropType(draft, parts, cascade)
    else if (removeType === 'OBJECT_STATISTIC_EXT') dropStatistics(draft, parts)
    else if (cascade && WITH_DEPENDENTS.includes(removeType)) unknown(draft, 'drops what depends on it')
  }
}

function present(draft: Draft, parts: readonly string[], missingIsFine: boolean): Relation | undefined {
  const name = nameOf(parts)
  return findRelation(draft.relations, name) ?? (missingIsFine ? undefined : named(draft, name))
}

/** A relation goes, with what it owns; CASCADE takes along what stands on it. */
export function dropRelation(draft: Draft, relation: Relation, cascade: boolean): void {
  const isGoing = draft.relations.byName.get(relationKey(relation)) === relation
  if (!isGoing && holds(draft, relation, 'AccessExclusiveLock')) return
  lock(draft, relation, 'AccessExclusiveLock')
  if (relation.statistics.length > 0) lock(draft, relation, 'ShareUpdateExclusiveLock')
  lockAll(draft, [...relation.indexes, ...relation.sequences], 'AccessExclusiveLock')
  if (relation.kind !== 'view') lockAll(draft, partitionedParents(relation), 'AccessExclusiveLock')
  for (const constraint of relation.constraints)
    if (constraint.references) lock(draft, constraint.references, 'AccessExclusiveLock')
  const { children, usedBy, indexes, sequences } = relation
  const followers = [...children]
  const uses = [...usedBy]
  if (cascade)
    lockAll(
      draft,
      [...relation.referencedBy].map(({ table }) => table),
      'AccessExclusiveLock',
    )
  for (const owned of [...indexes, ...sequences]) removeRelation(draft.relations, owned)
  removeRelation(draft.relations, relation)
  for (const child of followers)
    if (cascade || relation.kind === 'partitioned table') dropRelation(draft, child, cascade)
  if (cascade) for (const use of uses) dropUser(draft, use.user, use.kind)
}

function partitionedParents({ parents }: Relation): Relation[] {
  return [...parents].filter(({ kind }) => kind === 'partitioned table')
}

/** A view goes; a table only loses a policy, a rule or a default. */
function dropUser(draft: Draft, user: Relation, kind: 'rule' | 'policy' | 'default'): void {
  if (kind === 'rule' && (user.kind === 'view' || user.kind === 'materialized view'))
    dropRelation(draft, user, true)
  else lock(draft, user, 'AccessExclusiveLock')
}

function dropIndex(draft: Draft, index: Relation, concurrent: boolean): void {
  const parts = [index, ...descendants(index)]
  for (const part of parts) {
    if (part.table) lock(draft, part.table, concurrent ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock')
    lock(draft, part, concurrent ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock')
  }
  for (const part of parts) removeRelation(draft.relations, part)
}

function dropFromTable(draft: Draft, table: Relation, type: string, name: string): void {
  lock(draft, table, 'AccessShareLock', 'AccessExclusiveLock')
  const position = table.triggers.findIndex(trigger => trigger.name === name)
  if (type === 'OBJECT_TRIGGER' && position >= 0) table.triggers.splice(position, 1)
}

function dropSchema(draft: Draft, object: Node, cascade: boolean): void {
  const schema = 'String' in object ? object.String.sval : undefined
  if (!cascade) return
  for (const relation of [...draft.relations.byName.values()])
    if (relation.schema === schema && !relation.table) dropRelation(draft, relation, true)
}

function dropType(draft: Draft, parts: readonly string[], cascade: boolean): void {
  const { types, typeUses } = draft.relations
  const type = findType(draft.relations, nameOf(parts))
  if (!type) return
  types.delete(relationKey(type))
  if (!cascade) return
  for (const { table, column } of typeUses.get(type.oid) ?? []) {
    lock(draft, table, 'AccessExclusiveLock')
    dropColumn(draft, table, column, true)
  }
}

function dropStatistics(draft: Draft, parts: readonly string[]): void {
  const { schema, name } = nameOf(parts)
  for (const table of draft.relations.byName.values()) {
    const has = table.statistics.some(each => each.name === name && (schema ?? each.schema) === each.schema)
    if (has) lock(draft, table, 'ShareUpdateExclusiveLock')
  }
}

/** A column goes with the indexes, keys and sequences on it. */
export function dropColumn(draft: Draft, table: Relation, name: string, cascade: boolean): void {
  if (!table.columns.delete(name) && table.columns.size > 0) return
  if (table.statistics.some(({ columns }) => columns.includes(name)))
    lock(draft, table, 'ShareUpdateExclusiveLock')
  for (const owned of [...table.indexes, ...table.sequences].filter(({ needs }) => needs.includes(name))) {
    lock(draft, owned, 'AccessExclusiveLock')
    removeRelation(draft.relations, owned)
  }
  for (const constraint of [...table.constraints].filter(({ columns }) => columns.includes(name)))
    forget(draft, constraint)
  if (!cascade) return
  for (const key of [...table.referencedBy].filter(({ referenced }) => referenced.includes(name)))
    forget(draft, key)
  for (const { user, kind, column } of [...table.usedBy]) if (column === name) dropUser(draft, user, kind)
}

export function dropConstraint(draft: Draft, table: Relation, name: string, cascade: boolean): void {
  const constraint = [...table.constraints].find(each => each.name === name)
  if (!constraint) return
  if (cascade) for (const key of [...table.referencedBy]) if (standsOn(key, constraint)) forget(draft, key)
  forget(draft, constraint)
}

function standsOn({ referenced }: Constraint, { kind, columns }: Constraint): boolean {
  return (
    (kind === 'primary' || kind === 'unique') && referenced.toSorted().join() === columns.toSorted().join()
  )
}

/** A constraint goes: with its index, or with its triggers on both tables. */
function forget(draft: Draft, constraint: Constraint): void {
  const { index, table, references } = constraint
  removeConstraint(constraint)
  if (constraint.kind === 'foreign' && references) lockAll(draft, [table, references], 'AccessExclusiveLock')
  if (!index) return
  for (const each of [index, ...descendants(index)]) {
    lock(draft, each, 'AccessExclusiveLock')
    removeRelation(draft.relations, each)
  }
}
