import type { CreateTableAsStmt, Node, RangeVar, RefreshMatViewStmt, SelectStmt, ViewStmt } from 'libpg-query'
import { addUse } from '../change.ts'
import { type Draft, find, lock, lockAll, named, rewrite } from '../draft.ts'
import { findRelation, type Relation } from '../relations.ts'
import { nodesIn, rangeName } from '../tree.ts'
import { isThere, makeRelation } from './create-table.ts'
import { planned } from './planner.ts'
import { readQuery } from './query.ts'

export function createView(draft: Draft, { view, query, replace }: ViewStmt): void {
  if (!view) return
  const old = replace ? find(draft, view) : undefined
  readQuery(draft, query, 'define')
  const made = old ?? makeRelation(draft, view, 'view')
  lock(draft, made, 'AccessExclusiveLock')
  standOn(draft, made, query)
}

/** CREATE TABLE AS, SELECT INTO and CREATE MATERIALIZED VIEW. */
export function createFromQuery(
  draft: Draft,
  { into, query, objtype, if_not_exists }: CreateTableAsStmt,
): void {
  const { rel, skipData } = into ?? {}
  if (!rel || (if_not_exists && isThere(draft, rel))) return
  readQuery(draft, query, skipData ? 'define' : 'run')
  const isView = objtype === 'OBJECT_MATVIEW'
  const made = makeRelation(draft, rel, isView ? 'materialized view' : 'table')
  if (!isView) return
  // PostgreSQL 17 fills it with REFRESH's own means
  if (!skipData && draft.server.major >= 17) lock(draft, made, 'ExclusiveLock', 'ShareLock')
  standOn(draft, made, query)
}

export function selectInto(draft: Draft, select: SelectStmt): void {
  const { intoClause } = select
  readQuery(draft, { SelectStmt: select })
  if (intoClause?.rel) makeRelation(draft, intoClause.rel, 'table')
}

function standOn({ relations }: Draft, user: Relation, query: Node | undefined): void {
  for (const { kind, body } of nodesIn([query])) {
    if (kind !== 'RangeVar') continue
    const source = findRelation(relations, rangeName(body as RangeVar))
    if (source && source !== user) addUse({ user, source, column: undefined, kind: 'rule' })
  }
}

/** The new rows go to a table of their own, which takes the view's place, or with CONCURRENTLY is compared with it. */
export function refresh(draft: Draft, { relation, concurrent, skipData }: RefreshMatViewStmt): void {
  if (!relation) return
  const view = named(draft, rangeName(relation), 'materialized view')
  const sources = [...view.uses].filter(({ kind }) => kind === 'rule').map(({ source }) => source)
  if (concurrent) {
    lock(draft, view, 'ExclusiveLock', 'RowExclusiveLock', 'AccessShareLock')
    lockAll(draft, view.indexes, 'RowExclusiveLock', 'AccessShareLock')
  } else {
    rewrite(draft, view)
    lock(draft, view, 'ExclusiveLock')
    if (draft.server.major < 16 && !skipData) lock(draft, view, 'AccessShareLock')
  }
  if (!skipData) for (const source of sources) planned(draft, source, 'AccessShareLock')
}
