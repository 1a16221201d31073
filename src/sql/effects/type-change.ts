import type { ColumnDef, Node } from 'libpg-query'
import { type Draft, lock, rewrite, scan } from '../draft.ts'
import { modifiersOf } from '../modifiers.ts'
import type { ColumnType, Relation, Relations } from '../relations.ts'
import { as, words } from '../tree.ts'
import { columnType } from './columns.ts'
import { lockBoth } from './foreign-key.ts'

/** ALTER COLUMN … TYPE: a rewrite unless the old bytes are good, and everything that stands on the column is made anew. */
export function changeType(
  draft: Draft,
  table: Relation,
  name: string,
  definition: ColumnDef | undefined,
): void {
  const column = table.columns.get(name)
  const to = columnType(draft, definition?.typeName)
  const keeps =
    column !== undefined &&
    keepsBytes(draft, column.type, to) &&
    isPlain(definition?.raw_default, name, draft, to)
  if (!keeps && table.kind !== 'partitioned table') rewrite(draft, table)
  const keepsOrder = keeps && definition?.collClause === undefined
  for (const index of table.indexes)
    if (index.needs.includes(name)) remakeIndex(draft, table, index, keepsOrder)
  if (column?.identity && column.sequence)
    lock(draft, column.sequence, 'RowExclusiveLock', 'ShareRowExclusiveLock')
  if (table.statistics.some(({ columns }) => columns.includes(name)))
    lock(draft, table, 'ShareUpdateExclusiveLock')
  for (const key of [...table.constraints, ...table.referencedBy]) {
    const touched = key.table === table ? key.columns : key.referenced
    if (!touched.includes(name)) continue
    if (key.kind === 'check') scan(draft, table)
    if (key.kind !== 'foreign' || !key.references) continue
    lock(draft, key.table === table ? key.references : key.table, 'AccessExclusiveLock')
    lockBoth(draft, key.table, key.references, !keeps && key.validated)
  }
  if (column) column.type = to
}

/** An index keeps its file where the bytes stay and no expression stands between. */
function remakeIndex(draft: Draft, table: Relation, index: Relation, keeps: boolean): void {
  lock(draft, table, 'ShareLock')
  lock(draft, index, 'AccessExclusiveLock')
  if (keeps && !index.expressions) lock(draft, index, 'AccessShareLock')
  else scan(draft, table)
}

/** A USING that only casts says what is done without one. */
function isPlain(using: Node | undefined, name: string, draft: Draft, to: ColumnType): boolean {
  if (using === undefined) return true
  const cast = as('TypeCast', using)
  if (!cast) return isColumn(using, name)
  const type = columnType(draft, cast.typeName)
  const same = type.type === to.type && type.modifiers.join() === to.modifiers.join()
  return same && isColumn(cast.arg, name)
}

function isColumn(node: Node | undefined, name: string): boolean {
  return words(as('ColumnRef', node)?.fields).at(-1) === name
}

/** ATColumnChangeRequiresRewrite of PostgreSQL, as far as types tell; in doubt the table is rewritten. */
function keepsBytes({ relations, server }: Draft, from: ColumnType, to: ColumnType): boolean {
  if (!from.type || !to.type || to.type.constrained) return false
  if (from.type === to.type && from.modifiers.join() === to.modifiers.join()) return true
  // a domain hides the length of what is in it
  const old = { ...baseOf(relations, from), ...(from.type.base !== '0' && { modifiers: [] }) }
  const now = baseOf(relations, to)
  if (!old.type || !now.type) return false
  if (old.type === now.type) return fits(old.type.name, old.modifiers, now.modifiers)
  if (TIMESTAMPS.includes(old.type.name) && TIMESTAMPS.includes(now.type.name))
    return server.utc && isFull(now.modifiers)
  return now.modifiers.length === 0 && relations.binaryCasts.has(`${old.type.oid}>${now.type.oid}`)
}

const TIMESTAMPS = ['timestamp', 'timestamptz']
const MOST_PRECISE = 6

function isFull([precision = MOST_PRECISE]: readonly number[]): boolean {
  return precision >= MOST_PRECISE
}

/** What a domain is made of. */
function baseOf(relations: Relations, { type, modifiers }: ColumnType): ColumnType {
  if (!type || type.base === '0') return { type, modifiers }
  const base = [...relations.types.values()].find(({ oid }) => oid === type.base)
  return baseOf(relations, { type: base, modifiers: modifiersOf(base, type.baseModifier) })
}

/** Whether every value of the one length or precision is one of the other as it is. */
function fits(type: string, old: readonly number[], now: readonly number[]): boolean {
  if (old.join() === now.join() || now.length === 0) return true
  switch (type) {
    case 'varchar':
    case 'varbit':
      return old.length > 0 && (now[0] ?? 0) >= (old[0] ?? 0)
    case 'numeric':
      return old.length > 0 && (now[1] ?? 0) === (old[1] ?? 0) && (now[0] ?? 0) >= (old[0] ?? 0)
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      return isFull(now) || (old.length > 0 && (now[0] ?? 0) >= (old[0] ?? 0))
    default:
      return false
  }
}
