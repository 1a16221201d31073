import type { Oid } from '../catalog/relations.ts'
import {
  byRelation,
  type Draft,
  type HeldLock,
  type Lock,
  NOWHERE,
  newDraft,
  qualified,
  type ServerFacts,
  unknown,
} from './draft.ts'
import { dispatch } from './effects/handlers.ts'
import type { ParsedStatement, Parser } from './parse.ts'
import { holders, type Relation, type RelationKind, type Relations } from './relations.ts'

/** What a statement does to others who work with the database. */
export interface Effects {
  readonly locks: readonly Lock[]
  /** Tables whose rows are copied into a new file while nobody can read them. */
  readonly rewrites: readonly string[]
  /** Tables of which every row is read while the statement's lock is held. */
  readonly scans: readonly string[]
  readonly truncates: readonly string[]
  /** What cannot be told from the statement, in words. Empty: it was analysed wholly. */
  readonly notAnalysed: readonly string[]
  /** The tables of `locks` that stand there already. */
  readonly tables: readonly LockedTable[]
}

export interface LockedTable {
  readonly relation: string
  /** As estimated. */
  readonly rows: number | null
  /** The table itself, or its partitions. */
  readonly holders: readonly Oid[]
}

/**
 * Works out what a statement does, and lets `relations` be as the statement leaves them, for those that follow.
 * Every rule is what pg_locks shows on PostgreSQL 14 to 18. Locks on system catalogs and TOAST tables are left out.
 */
export function effectsOf(
  statement: ParsedStatement,
  server: ServerFacts,
  relations: Relations,
  parser: Parser,
): Effects {
  const draft = newDraft(server, relations, parser)
  for (const each of statement.inner ?? [statement]) workOn(draft, each)
  const locks = [...draft.locks.values()]
  return {
    locks: locks.map(({ lock }) => lock).toSorted(byRelation),
    rewrites: namesOf(draft.rewrites),
    scans: namesOf(draft.scans),
    truncates: namesOf(draft.truncates),
    notAnalysed: [...draft.unknown],
    tables: tablesOf(locks),
  }
}

/** A UNION of tens of thousands goes deeper than functions can call each other. */
function workOn(draft: Draft, { tree, reason }: ParsedStatement): void {
  try {
    if (tree) dispatch(draft, tree)
    else unknown(draft, `cannot be parsed: ${reason}`)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    unknown(draft, 'is too deep to be analysed')
  }
}

const TABLES: readonly RelationKind[] = ['table', 'partitioned table', 'materialized view']

function tablesOf(locks: readonly HeldLock[]): LockedTable[] {
  const tables = new Map(
    locks
      .filter(({ of }) => TABLES.includes(of.kind) && of.oid !== undefined && of.oid !== NOWHERE)
      .map(({ lock, of }) => [lock.relation, of]),
  )
  return [...tables].map(([relation, of]) => {
    const all = holders(of)
    const rows = all.reduce<number | null>(
      (sum, each) => (each.rows === null ? sum : (sum ?? 0) + each.rows),
      null,
    )
    return { relation, rows, holders: all.flatMap(({ oid }) => oid ?? []) }
  })
}

function namesOf(relations: ReadonlySet<Relation>): string[] {
  return [...relations].map(qualified)
}
