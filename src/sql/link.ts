import type { Oid } from '../catalog/relations.ts'
import { addConstraint, addUse, attach, inherit } from './change.ts'
import type { CatalogFacts } from './facts.ts'
import { modifiersOf } from './modifiers.ts'
import {
  type Constraint,
  descendants,
  type ForeignAction,
  newRelation,
  type Relation,
  type RelationKind,
  type Relations,
  relationKey,
} from './relations.ts'

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  i: 'index',
  I: 'partitioned index',
  S: 'sequence',
  v: 'view',
  m: 'materialized view',
  c: 'composite type',
}

const CONSTRAINTS: Readonly<Record<string, Constraint['kind']>> = {
  p: 'primary',
  u: 'unique',
  x: 'exclusion',
  f: 'foreign',
  c: 'check',
  n: 'not null',
}

export function relationKind(relkind: string): RelationKind {
  return KINDS[relkind] ?? 'table'
}

export function linkRelations(facts: CatalogFacts): Relations {
  const byOid = new Map<Oid, Relation>()
  for (const { oid, kind, ...row } of facts.relations) {
    const relation = newRelation({
      oid,
      kind: relationKind(kind),
      schema: row.schema,
      name: row.name,
      unlogged: row.unlogged,
      rows: row.rows,
      expressions: row.expressions,
      needs: row.columns ?? [],
    })
    byOid.set(oid, relation)
  }
  for (const { oid, table, parents } of facts.relations) {
    const relation = byOid.get(oid)
    if (!relation) continue
    attach(relation, byOid.get(table ?? ''))
    for (const parent of parents ?? []) inherit(relation, byOid.get(parent))
  }
  linkConstraints(facts, byOid)
  linkDetails(facts, byOid)
  return {
    byName: new Map([...byOid.values()].map(relation => [relationKey(relation), relation])),
    searchPath: facts.searchPath,
    usualSearchPath: facts.searchPath,
    types: new Map(facts.types.map(type => [relationKey(type), type])),
    functions: new Map(facts.functions.map(each => [each.name, each])),
    binaryCasts: new Set(facts.binaryCasts),
    typeUses: linkTypeUses(facts, byOid),
  }
}

function linkConstraints({ constraints }: CatalogFacts, byOid: ReadonlyMap<Oid, Relation>): void {
  for (const row of constraints) {
    const table = byOid.get(row.table)
    const kind = CONSTRAINTS[row.kind]
    if (!table || !kind) continue
    addConstraint({
      name: row.name,
      table,
      kind,
      columns: row.columns ?? [],
      index: kind === 'foreign' ? undefined : byOid.get(row.index),
      references: byOid.get(row.references),
      referenced: row.referenced ?? [],
      onDelete: row.onDelete as ForeignAction,
      onUpdate: row.onUpdate as ForeignAction,
      validated: row.validated,
    })
  }
}

function linkDetails(facts: CatalogFacts, byOid: ReadonlyMap<Oid, Relation>): void {
  for (const row of facts.uses) {
    const user = byOid.get(row.user)
    const source = byOid.get(row.source)
    if (user && source) addUse({ user, source, column: row.column ?? undefined, kind: row.kind })
  }
  for (const { table, name, events } of facts.triggers) byOid.get(table)?.triggers.push({ name, events })
  for (const { table, schema, name, columns } of facts.statistics)
    byOid.get(table)?.statistics.push({ schema, name, columns: columns ?? [] })
  const types = new Map(facts.types.map(type => [type.oid, type]))
  for (const row of facts.columns) {
    const type = types.get(row.type)
    byOid.get(row.table)?.columns.set(row.name, {
      type: { type, modifiers: modifiersOf(types.get(type?.element ?? '') ?? type, row.modifier) },
      notNull: row.notNull,
      identity: row.identity,
      sequence: byOid.get(row.sequence ?? ''),
    })
  }
  // only the tables that statements name were asked for their columns
  for (const relation of byOid.values())
    for (const heir of descendants(relation))
      if (heir.columns.size === 0)
        for (const [name, column] of relation.columns) heir.columns.set(name, { ...column })
}

function linkTypeUses({ typeUses }: CatalogFacts, byOid: ReadonlyMap<Oid, Relation>): Relations['typeUses'] {
  const uses = new Map<Oid, { table: Relation; column: string }[]>()
  for (const { type, table: oid, column } of typeUses) {
    const table = byOid.get(oid)
    if (table) uses.set(type, [...(uses.get(type) ?? []), { table, column }])
  }
  return uses
}
