import { relationLocks } from '../catalog/lock-activity.ts'
import { type RelationState, relationStates } from '../catalog/relation-state.ts'
import { listRelations, type Oid } from '../catalog/relations.ts'
import type { Database } from '../database/database.ts'
import { byRelation, qualified } from '../sql/draft.ts'
import { relationKind } from '../sql/link.ts'
import type { LockMode } from '../sql/modes.ts'
import type { HistoryTable } from './history.ts'
import { isHistory, type PlannedLock, type PlannedStatement } from './plan-statements.ts'

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
export interface Gauge {
  readonly database: Database
  readonly watcher: Database
  readonly history: HistoryTable
  /** The relations that stood there before the rehearsal. */
  readonly old: ReadonlySet<Oid>
  readonly known: Map<Oid, Known>
  /** `oid mode` */
  readonly held: Set<string>
  /** `mode relation` */
  readonly named: Set<string>
}

type Known = Omit<RelationState, 'touched'> & Partial<Pick<RelationState, 'touched'>>

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
    held: new Set(),
    named: new Set(),
  }
}

/** Looks what has changed since it looked last. */
export async function measure(
  gauge: Gauge,
  planned: PlannedStatement,
  truncates: readonly string[],
): Promise<Measured> {
  const { database, watcher, known, held, named } = gauge
  const locks = await relationLocks(watcher, database.server.pid)
  const fresh = locks.filter(lock => !held.has(lock))
  const states = await relationStates(database, concerned(gauge, locks, fresh, planned))
  const taken = unique(fresh.flatMap(lock => describe(gauge, lock, states)))
  const measured = {
    locks: [...taken, ...takenBefore(gauge, planned, taken)].toSorted(byRelation),
    rewrites: states
      .filter(state => isRewritten(gauge, state))
      .map(qualified)
      .filter(name => !truncates.includes(name)),
    rowsTouched: states.reduce((sum, state) => sum + newlyTouched(gauge, state), 0),
  }
  for (const lock of fresh) held.add(lock)
  for (const { mode, relation } of taken) named.add(`${mode} ${relation}`)
  for (const state of states) known.set(state.oid, state)
  return measured
}

const TABLES = ['r', 'm']

/** What may have changed: all tables that are locked, where the plan does not know for sure. */
function concerned(
  { known }: Gauge,
  locks: readonly string[],
  fresh: readonly string[],
  { locks: foretold, notAnalysed }: PlannedStatement,
): Oid[] {
  const names = new Set(foretold.map(({ relation }) => relation))
  const before = locks.map(oidOf).filter(oid => {
    const relation = known.get(oid)
    if (!relation || !TABLES.includes(relation.kind)) return false
    return notAnalysed.length > 0 || names.has(nameOf(relation))
  })
  return [...new Set([...before, ...fresh.map(oidOf)])]
}

/** A lock that the transaction has cannot be seen to be taken again: there the plan speaks. */
function takenBefore(
  { named }: Gauge,
  { locks }: PlannedStatement,
  taken: readonly PlannedLock[],
): PlannedLock[] {
  const now = new Set(taken.map(lockName))
  return locks
    .filter(lock => named.has(lockName(lock)) && !now.has(lockName(lock)))
    .map(lock => ({ ...lock, held: true }))
}

/** By the name that the relation had when the statement began; a transient one, which nobody else ever sees, has none. */
function describe(
  { known, old, history }: Gauge,
  lock: string,
  states: readonly RelationState[],
): PlannedLock[] {
  const [oid = '', mode] = lock.split(' ')
  const relation = known.get(oid) ?? states.find(state => state.oid === oid)
  if (!relation || isHistory(nameOf(relation), history)) return []
  return [
    {
      mode: mode as LockMode,
      relation: nameOf(relation),
      kind: relationKind(relation.kind),
      created: !old.has(oid),
      held: false,
    },
  ]
}

/** An index that is made anew bears the name of the old one: what others wait for is told. */
function unique(locks: readonly PlannedLock[]): PlannedLock[] {
  const sorted = locks.toSorted((a, b) => Number(b.created) - Number(a.created))
  return [...new Map(sorted.map(lock => [lockName(lock), lock])).values()]
}

function isRewritten({ known, old }: Gauge, { oid, kind, filenode }: RelationState): boolean {
  const before = known.get(oid)
  return TABLES.includes(kind) && old.has(oid) && before !== undefined && before.filenode !== filenode
}

/** TRUNCATE sets the count back. */
function newlyTouched({ known, history }: Gauge, state: RelationState): number {
  if (isHistory(nameOf(state), history)) return 0
  return Math.max(0, state.touched - (known.get(state.oid)?.touched ?? 0))
}

/** The sequences among the locked relations that stood there before. */
export function usedSequences({ held, known, old }: Gauge): { oid: Oid; sequence: string }[] {
  return [...new Set([...held].map(oidOf))].flatMap(oid => {
    const relation = known.get(oid)
    return old.has(oid) && relation?.kind === 'S' ? [{ oid, sequence: nameOf(relation) }] : []
  })
}

function oidOf(lock: string): Oid {
  return lock.split(' ')[0] ?? ''
}

function lockName({ mode, relation }: PlannedLock): string {
  return `${mode} ${relation}`
}

/** The session's own temporary schema goes without its number. */
function nameOf({ schema, name }: Known): string {
  return qualified({ schema: schema.startsWith('pg_temp_') ? 'pg_temp' : schema, name })
}
