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

/** Its partitions or heirs, theirs, and so on. */
export function descendants(relation: Relation): Relation[] {
  return [...relation.children].flatMap(child => [child, ...descendants(child)])
}

/** The tables that hold the rows: the relation itself, or its partitions. */
export function holders(relation: Relation): Relation[] {
  return [relation, ...descendants(relation)].filter(({ kind }) => kind !== 'partitioned table')
}

export function indexesNamed({ indexes }: Relation, name: string): Relation[] {
  return [...indexes].filter(index => index.name === name)
}

/** The foreign keys of a table, its own and those of its partitions being one. */
export function foreignKeys({ constraints }: Relation): Constraint[] {
  return [...constraints].filter(({ kind }) => kind === 'foreign')
}

/** What a relation or a type goes by among all. */
export function relationKey({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return `${schema}\0${name}`
}
