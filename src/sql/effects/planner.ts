import { type Draft, lock, lockAll } from '../draft.ts'
import type { LockMode } from '../modes.ts'
import type { Relation } from '../relations.ts'

/** A relation as the planner takes it: with its indexes, its partitions, and what is under a view. */
export function planned(draft: Draft, relation: Relation, mode: LockMode, only = false): void {
  lock(draft, relation, mode)
  if (relation.kind === 'view') {
    for (const { source, kind } of relation.uses) if (kind === 'rule') planned(draft, source, mode)
    return
  }
  // a partitioned index is looked at since PostgreSQL 16
  if (relation.kind !== 'partitioned table' || draft.server.major >= 16)
    lockAll(draft, relation.indexes, mode)
  if (!only) for (const child of relation.children) planned(draft, child, mode)
}
