import { type Constraint, type Relation, type Relations, relationKey, type Use } from './relations.ts'
import type { Name } from './tree.ts'

export function addRelation({ byName }: Relations, relation: Relation): Relation {
  byName.set(relationKey(relation), relation)
  return relation
}

export function removeRelation({ byName }: Relations, relation: Relation): void {
  byName.delete(relationKey(relation))
  relation.table?.indexes.delete(relation)
  relation.table?.sequences.delete(relation)
  for (const parent of relation.parents) parent.children.delete(relation)
  for (const child of relation.children) child.parents.delete(relation)
  for (const use of relation.uses) use.source.usedBy.delete(use)
  for (const use of relation.usedBy) use.user.uses.delete(use)
  for (const constraint of [...relation.constraints, ...relation.referencedBy]) removeConstraint(constraint)
}

/** Another name or another schema. */
export function renameRelation(
  { byName }: Relations,
  relation: Relation,
  { schema = relation.schema, name = relation.name }: Partial<Name>,
): void {
  byName.delete(relationKey(relation))
  relation.schema = schema
  relation.name = name
  byName.set(relationKey({ schema, name }), relation)
}

/** Makes an index or a sequence a table's own. */
export function attach(relation: Relation, table: Relation | undefined): void {
  relation.table?.indexes.delete(relation)
  relation.table?.sequences.delete(relation)
  relation.table = table
  if (relation.kind === 'sequence') table?.sequences.add(relation)
  else table?.indexes.add(relation)
}

export function inherit(child: Relation, parent: Relation | undefined): void {
  if (!parent) return
  child.parents.add(parent)
  parent.children.add(child)
}

type NewConstraint = Pick<Constraint, 'name' | 'table' | 'kind' | 'columns'> & Partial<Constraint>

export function addConstraint(given: NewConstraint): void {
  const constraint: Constraint = {
    index: undefined,
    references: undefined,
    referenced: [],
    onDelete: 'a',
    onUpdate: 'a',
    validated: true,
    proves: [],
    ...given,
  }
  constraint.table.constraints.add(constraint)
  constraint.references?.referencedBy.add(constraint)
}

export function removeConstraint(constraint: Constraint): void {
  constraint.table.constraints.delete(constraint)
  constraint.references?.referencedBy.delete(constraint)
}

export function addUse(use: Use): void {
  use.user.uses.add(use)
  use.source.usedBy.add(use)
}
