import type { AlterObjectSchemaStmt, ObjectType, RenameStmt } from 'libpg-query'
import { renameRelation } from '../change.ts'
import { type Draft, find, lock, lockAll, named } from '../draft.ts'
import { descendants, type Relation } from '../relations.ts'
import { rangeName } from '../tree.ts'

const RELATIONS: readonly ObjectType[] = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
  'OBJECT_FOREIGN_TABLE',
]
const COLUMNS: readonly ObjectType[] = ['OBJECT_COLUMN', 'OBJECT_ATTRIBUTE']

export function rename(draft: Draft, stmt: RenameStmt): void {
  const { relation: range, renameType = 'OBJECT_TABLE', subname = '', newname = '', missing_ok } = stmt
  if (!range || (missing_ok && !find(draft, range))) return
  const relation = named(draft, rangeName(range))
  if (RELATIONS.includes(renameType)) {
    const gentle = renameType === 'OBJECT_INDEX' && isIndex(relation)
    lock(draft, relation, gentle ? 'ShareUpdateExclusiveLock' : 'AccessExclusiveLock')
    renameRelation(draft.relations, relation, { name: newname })
    return
  }
  lock(draft, relation, 'AccessExclusiveLock')
  if (COLUMNS.includes(renameType)) {
    const heirs = descendants(relation)
    lockAll(draft, heirs, 'AccessExclusiveLock')
    for (const table of [relation, ...heirs]) renameColumn(table, subname, newname)
  }
  if (renameType === 'OBJECT_TABCONSTRAINT') renameConstraint(draft, relation, subname, newname)
  const trigger = relation.triggers.find(({ name }) => name === subname)
  if (renameType === 'OBJECT_TRIGGER' && trigger)
    relation.triggers.splice(relation.triggers.indexOf(trigger), 1, { ...trigger, name: newname })
}

function isIndex({ kind }: Relation): boolean {
  return kind === 'index' || kind === 'partitioned index'
}

function renameColumn(table: Relation, from: string, to: string): void {
  const columns = [...table.columns]
  table.columns.clear()
  for (const [name, column] of columns) table.columns.set(name === from ? to : name, column)
  const renamed = (names: readonly string[]) => names.map(name => (name === from ? to : name))
  for (const owned of [...table.indexes, ...table.sequences]) owned.needs = renamed(owned.needs)
  for (const statistics of table.statistics) statistics.columns = renamed(statistics.columns)
  for (const constraint of table.constraints) constraint.columns = renamed(constraint.columns)
  for (const constraint of table.referencedBy) constraint.referenced = renamed(constraint.referenced)
}

/** A constraint's index goes by the same name. */
function renameConstraint(draft: Draft, table: Relation, from: string, to: string): void {
  const constraint = [...table.constraints].find(({ name }) => name === from)
  if (!constraint) return
  constraint.name = to
  if (!constraint.index) return
  lock(draft, constraint.index, 'ShareUpdateExclusiveLock')
  renameRelation(draft.relations, constraint.index, { name: to })
}

/** What a table owns moves with it. */
export function setSchema(draft: Draft, stmt: AlterObjectSchemaStmt): void {
  const { relation: range, newschema, missing_ok } = stmt
  if (!range || !newschema || (missing_ok && !find(draft, range))) return
  const relation = named(draft, rangeName(range))
  lock(draft, relation, 'AccessExclusiveLock')
  lockAll(draft, relation.sequences, 'AccessExclusiveLock')
  for (const each of [relation, ...relation.sequences, ...relation.indexes])
    renameRelation(draft.relations, each, { schema: newschema })
}
