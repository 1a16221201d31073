import type { Oid } from '../catalog/relations.ts'
import type { FunctionRow, TypeRow } from '../catalog/types.ts'
import type { Name } from './tree.ts'

export type RelationKind =
  | 'table'
  | 'partitioned table'
  | 'foreign table'
  | 'index'
  | 'partitioned index'
  | 'sequence'
  | 'view'
  | 'materialized view'
  | 'composite type'

/** A relation as it will stand when a statement runs: the live one, changed by the statements before it. */
export interface Relation {
  /** undefined where a statement of the run makes it. */
  oid: Oid | undefined
  readonly kind: RelationKind
  schema: string
  name: string
  unlogged: boolean
  /** As the last VACUUM or ANALYZE estimated them; null before the first. */
  rows: number | null
  /** The table of an index, or of the column that owns a sequence. */
  table: Relation | undefined
  /** The columns that an index needs, or the one that owns a sequence. */
  needs: readonly string[]
  /** Whether an index holds or tests an expression. */
  readonly expressions: boolean
  readonly columns: Map<string, Column>
  readonly constraints: Set<Constraint>
  /** The foreign keys of other tables, and its own, that lead here. */
  readonly referencedBy: Set<Constraint>
  readonly indexes: Set<Relation>
  readonly sequences: Set<Relation>
  readonly parents: Set<Relation>
  readonly children: Set<Relation>
  /** What views, rules, policies and defaults on this relation hold on to. */
  readonly uses: Set<Use>
  readonly usedBy: Set<Use>
  readonly triggers: Trigger[]
  readonly statistics: Statistics[]
}

export interface Column {
  type: ColumnType
  notNull: boolean
  readonly identity: boolean
  readonly sequence: Relation | undefined
}

export interface ColumnType {
  /** undefined for a type that nobody knows yet. */
  readonly type: TypeRow | undefined
  /** What stands in parentheses: `[10, 2]` of numeric(10,2). */
  readonly modifiers: readonly number[]
}

export interface Constraint {
  name: string
  readonly table: Relation
  readonly kind: 'primary' | 'unique' | 'exclusion' | 'foreign' | 'check' | 'not null'
  columns: readonly string[]
  readonly index: Relation | undefined
  readonly references: Relation | undefined
  referenced: readonly string[]
  readonly onDelete: ForeignAction
  readonly onUpdate: ForeignAction
  validated: boolean
  /** The columns of which a check says that they are not null. */
  proves: readonly string[]
}

/** As the catalog has it: no action, restrict, cascade, set null, set default. */
export type ForeignAction = 'a' | 'r' | 'c' | 'n' | 'd'

export interface Use {
  readonly user: Relation
  readonly source: Relation
  /** undefined where it holds on to the relation as a whole. */
  readonly column: string | undefined
  readonly kind: 'rule' | 'policy' | 'default'
}

export interface Trigger {
  readonly name: string
  readonly events: number
}

export interface Statistics {
  readonly schema: string
  readonly name: string
  columns: readonly string[]
}

/** All relations, and what else the effects of a statement depend on. */
export interface Relations {
  readonly byName: Map<string, Relation>
  searchPath: readonly string[]
  /** What RESET leads back to. */
  readonly usualSearchPath: readonly string[]
  /** By `relationKey`. */
  readonly types: Map<string, TypeRow>
  readonly functions: Map<string, FunctionRow>
  readonly binaryCasts: ReadonlySet<string>
  /** Tables and their columns by the number of a type. */
  readonly typeUses: ReadonlyMap<Oid, readonly { table: Relation; column: string }[]>
}

/** pg_attribute.atttypmod in the terms of SQL. */
export function modifiersOf(type: TypeRow | undefined, modifier: number): number[] {
  if (modifier < 0) return []
  switch (type?.name) {
    case 'varchar':
    case 'bpchar':
      return [modifier - 4]
    case 'numeric': {
      const scale = (modifier - 4) & 0x7ff
      return [((modifier - 4) >> 16) & 0xffff, scale > 1000 ? scale - 2048 : scale]
    }
    default:
      return [modifier]
  }
}

interface NewRelation {
  readonly oid?: Oid
  readonly kind: RelationKind
  readonly schema: string
  readonly name: string
  readonly unlogged?: boolean
  readonly rows?: number | null
  readonly expressions?: boolean
  readonly needs?: readonly string[]
}

export function newRelation({
  oid,
  kind,
  schema,
  name,
  unlogged = false,
  rows = null,
  expressions = false,
  needs = [],
}: NewRelation): Relation {
  return {
    oid,
    kind,
    schema,
    name,
    unlogged,
    rows,
    expressions,
    needs,
    table: undefined,
    columns: new Map(),
    constraints: new Set(),
    referencedBy: new Set(),
    indexes: new Set(),
    sequences: new Set(),
    parents: new Set(),
    children: new Set(),
    uses: new Set(),
    usedBy: new Set(),
    triggers: [],
    statistics: [],
  }
}

/** The relation of that name, looked for as the server would. */
export function findRelation(
  { byName, searchPath }: Relations,
  { schema, name }: Name,
): Relation | undefined {
  if (schema !== undefined) return byName.get(relationKey({ schema, name }))
  return firstIn(byName, ['pg_temp', ...searchPath], name)
}

export function findType({ types, searchPath }: Relations, { schema, name }: Name): TypeRow | undefined {
  return firstIn(types, schema === undefined ? ['pg_catalog', ...searchPath] : [schema], name)
}

function firstIn<T>(named: ReadonlyMap<string, T>, schemas: readonly string[], name: string): T | undefined {
  for (const schema of schemas) {
    const found = named.get(relationKey({ schema, name }))
    if (found) return found
  }
  return undefined
}

/** Where a new object goes whose name has no schema. */
export function schemaFor({ searchPath }: Relations, { schema }: Pick<Name, 'schema'>): string {
  return schema ?? searchPath[0] ?? 'public'
}

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

/** Its partitions or heirs, theirs, and so on. */
export function descendants(relation: Relation): Relation[] {
  return [...relation.children].flatMap(child => [child, ...descendants(child)])
}

/** The tables that hold the rows: the relation itself, or its partitions. */
export function holders(relation: Relation): Relation[] {
  return [relation, ...descendants(relation)].filter(({ kind }) => kind !== 'partitioned table')
}

/** The foreign keys of a table, its own and those of its partitions being one. */
export function foreignKeys({ constraints }: Relation): Constraint[] {
  return [...constraints].filter(({ kind }) => kind === 'foreign')
}

/** What a relation or a type goes by among all. */
export function relationKey({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return `${schema}\0${name}`
}
