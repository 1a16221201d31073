import { type HeldLock, relationLocks } from '../catalog/lock-activity.ts'
import { type RelationState, relationStates } from '../catalog/relation-state.ts'
import { listRelations, type Oid } from '../catalog/relations.ts'
import type { Database } from '../database/database.ts'
import { byRelation, qualified } from '../sql/draft.ts'
import type { LockMode } from '../sql/modes.ts'
import { relationKind } from '../sql/relations.ts'
import type { HistoryTable } from './history.ts'
import { isHistory, type PlannedLock, type PlannedStatement } from './plan.ts'

/** What a statement did, as the server shows it. */
export interface Measured {
  /** Those that were taken, and those of the plan that an earlier statement had taken already. */
  readonly locks: readonly PlannedLock[]
  /** Tables that have another file now. */
  readonly rewrites: readonly string[]
  /** Rows inserted, updated and deleted, those of triggers included. */
  readonly rowsTouched: number
}

/** The state of the transaction before a statement. */
interface Gauge {
  readonly database: Database
  readonly watcher: Database
  readonly history: HistoryTable
  /** The relations that stood there before the rehearsal. */
  readonly old: ReadonlySet<Oid>
  readonly known: Map<Oid, Omit<RelationState, 'touched'>>
  readonly touched: Map<Oid, number>
  /** `oid mode` */
  readonly held: Set<string>
  /** `mode relation` */
  readonly named: Set<string>
}

/** Begins to measure the transaction of a session from another one. */
export async function startGauge(
  database: Database,
  watcher: Database,
  history: HistoryTable,
): Promise<Gauge> {
  const relations = await listRelations(database)
  return {
    database,
    watcher,
    history,
    old: new Set(relations.map(({ oid }) => oid)),
    known: new Map(relations.map(relation => [relation.oid, relation])),
    touched: new Map(),
    held: new Set(),
    named: new Set(),
  }
}

const MOVABLE = ['r', 'm']

/** Looks what has changed since it looked last. */
export async function measure(
  gauge: Gauge,
  planned: PlannedStatement,
  truncates: readonly string[],
): Promise<Measured> {
  const { database, watcher, known, held, named } = gauge
  const locks = await relationLocks(watcher, database.server.pid)
  const fresh = locks.filter(({ oid, mode }) => !held.has(`${oid} ${mode}`))
  const interesting = locks.filter(({ oid }) => MOVABLE.includes(known.get(oid)?.kind ?? '')).concat(fresh)
  const states = await relationStates(database, [...new Set(interesting.map(({ oid }) => oid))])
  const taken = unique(fresh.flatMap(lock => describe(gauge, lock, states)))
  const before = planned.locks.filter(
    ({ mode, relation }) =>
      named.has(`${mode} ${relation}`) &&
      !taken.some(each => each.mode === mode && each.relation === relation),
  )
  const measured = {
    locks: [...taken, ...before.map(lock => ({ ...lock, held: true }))].toSorted(byRelation),
    rewrites: states
      .filter(state => isRewritten(gauge, state))
      .map(qualified)
      .filter(name => !truncates.includes(name)),
    rowsTouched: states.reduce((sum, state) => sum + newlyTouched(gauge, state), 0),
  }
  for (const { oid, mode } of fresh) held.add(`${oid} ${mode}`)
  for (const { mode, relation } of taken) named.add(`${mode} ${relation}`)
  for (const state of states) {
    known.set(state.oid, state)
    gauge.touched.set(state.oid, state.touched)
  }
  return measured
}

/** By the name that the relation had when the statement began; a transient one, which nobody else ever sees, has none. */
function describe(
  { known, old, history }: Gauge,
  { oid, mode }: HeldLock,
  states: readonly RelationState[],
): PlannedLock[] {
  const relation = known.get(oid) ?? states.find(state => state.oid === oid)
  if (!relation) return []
  const name = qualified(withoutNumber(relation))
  if (isHistory(name, history)) return []
  return [
    {
      mode: mode as LockMode,
      relation: name,
      kind: relationKind(relation.kind),
      created: !old.has(oid),
      held: false,
    },
  ]
}

/** A session's own temporary schema. */
function withoutNumber<T extends { readonly schema: string }>(relation: T): T {
  return relation.schema.startsWith('pg_temp_') ? { ...relation, schema: 'pg_temp' } : relation
}

/** An index that is made anew bears the name of the old one: what others wait for is told. */
function unique(locks: readonly PlannedLock[]): PlannedLock[] {
  const sorted = locks.toSorted((a, b) => Number(b.created) - Number(a.created))
  return [...new Map(sorted.map(lock => [`${lock.mode} ${lock.relation}`, lock])).values()]
}

function isRewritten({ known, old }: Gauge, { oid, kind, filenode }: RelationState): boolean {
  const before = known.get(oid)
  return MOVABLE.includes(kind) && old.has(oid) && before !== undefined && before.filenode !== filenode
}

/** TRUNCATE sets the count back. */
function newlyTouched({ touched, history }: Gauge, state: RelationState): number {
  if (isHistory(qualified(state), history)) return 0
  return Math.max(0, state.touched - (touched.get(state.oid) ?? 0))
}

/** The sequences among the locked relations that stood there before. */
export function usedSequences({ held, known, old }: Gauge): { oid: Oid; sequence: string }[] {
  const oids = new Set([...held].map(lock => lock.split(' ')[0] ?? ''))
  return [...oids].flatMap(oid => {
    const relation = known.get(oid)
    return old.has(oid) && relation?.kind === 'S' ? [{ oid, sequence: qualified(relation) }] : []
  })
}

export type { Gauge }
