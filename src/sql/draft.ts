import type { RangeVar } from 'libpg-query'
import { quotedIdentifier } from '../database/identifier.ts'
import { byStrength, type LockMode } from './modes.ts'
import type { Parser } from './parse.ts'
import {
  findRelation,
  newRelation,
  type Relation,
  type RelationKind,
  type Relations,
  schemaFor,
} from './relations.ts'
import { type Name, rangeName } from './tree.ts'

/** One lock that a statement takes. Relations go by their names at that moment. */
export interface Lock {
  readonly mode: LockMode
  readonly relation: string
  readonly kind: RelationKind
  /** Whether the run itself makes the relation, so that nobody else can be waiting for it. */
  readonly created: boolean
}

export interface ServerFacts {
  /** Version that people know, such as 18. */
  readonly major: number
  /** Whether the session's time zone is UTC. */
  readonly utc: boolean
}

/** A lock and the relation that it is on. */
export interface HeldLock {
  readonly lock: Lock
  readonly of: Relation
}

/** The effects of one statement while they are being worked out. */
export interface Draft {
  readonly server: ServerFacts
  readonly relations: Relations
  readonly parser: Parser
  readonly locks: Map<string, HeldLock>
  readonly rewrites: Set<Relation>
  readonly scans: Set<Relation>
  readonly truncates: Set<Relation>
  /** What cannot be seen from the statement, in words. */
  readonly unknown: Set<string>
}

export function newDraft(server: ServerFacts, relations: Relations, parser: Parser): Draft {
  return {
    server,
    relations,
    parser,
    locks: new Map(),
    rewrites: new Set(),
    scans: new Set(),
    truncates: new Set(),
    unknown: new Set(),
  }
}

export function lock(draft: Draft, relation: Relation, ...modes: readonly LockMode[]): void {
  const name = qualified(relation)
  const created = relation.oid === undefined
  for (const mode of modes) {
    const key = `${mode} ${name}`
    // an index that is made anew takes the name of the one that others see
    if (draft.locks.get(key)?.lock.created === false) continue
    draft.locks.set(key, { lock: { mode, relation: name, kind: relation.kind, created }, of: relation })
  }
}

export function lockAll(draft: Draft, relations: Iterable<Relation>, ...modes: readonly LockMode[]): void {
  for (const relation of relations) lock(draft, relation, ...modes)
}

export function holds({ locks }: Draft, relation: Relation, mode: LockMode): boolean {
  return locks.has(`${mode} ${qualified(relation)}`)
}

/** The rows are copied into a new file: the table, its indexes and the reindexing lock that goes with them. */
export function rewrite(draft: Draft, relation: Relation): void {
  if (relation.oid !== undefined) draft.rewrites.add(relation)
  lock(draft, relation, 'AccessExclusiveLock', 'ShareLock')
  lockAll(draft, relation.indexes, 'AccessExclusiveLock')
}

/** Every row is read while the statement's lock is held. */
export function scan(draft: Draft, relation: Relation): void {
  if (relation.oid !== undefined && relation.kind !== 'partitioned table') draft.scans.add(relation)
}

export function unknown(draft: Draft, why: string): void {
  draft.unknown.add(why)
}

export function find(draft: Draft, range: RangeVar | undefined): Relation | undefined {
  return range && findRelation(draft.relations, rangeName(range))
}

/** The number of what is not there. */
export const NOWHERE = '0'

/** The relation that a statement names. One that nobody knows is told, and taken for a table. */
export function named(draft: Draft, name: Name, kind: RelationKind = 'table'): Relation {
  const found = findRelation(draft.relations, name)
  if (found) return found
  const schema = schemaFor(draft.relations, name)
  unknown(draft, `${schema}.${name.name} does not exist here`)
  return newRelation({ oid: NOWHERE, kind, schema, name: name.name })
}

export function qualified({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return `${quotedIdentifier(schema)}.${quotedIdentifier(name)}`
}

/** Tables before what belongs to them, the strongest lock first. */
export function byRelation(a: Pick<Lock, 'relation' | 'mode'>, b: Pick<Lock, 'relation' | 'mode'>): number {
  return byName(a.relation, b.relation) || byStrength(a.mode, b.mode)
}

/** In the order of their characters' numbers: a locale's order takes ten times as long. */
export function byName(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
