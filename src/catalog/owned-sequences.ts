import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import type { Scope } from './scope.ts'
import { type ListedSequence, listSequences } from './sequence-list.ts'

/** How much of a sequence is used up, and how far it can be trusted. */
export interface OwnedSequence extends ListedSequence {
  /** The last number given out; null before the first, and where our role may not read it. */
  readonly last: string | null
  /** What the next INSERT gets; null where our role may not read it. */
  readonly next: string | null
  /** The largest number in the column (the smallest for a descending sequence); null where it is not looked at. */
  readonly reached: string | null
}

interface Position {
  readonly place: number
  readonly last: string | null
  readonly next: string | null
}

/** Sequences and tables that one statement reads: each takes a lock, and so does each index of such a table. */
const TOGETHER = 100

/**
 * Reads the sequences themselves: pg_sequence_last_value would take a ROW EXCLUSIVE lock and know nothing of
 * `is_called`. The column is looked at where an index begins with it and our role may read it.
 */
export async function ownedSequences(database: Database, scope: Scope): Promise<OwnedSequence[]> {
  const listed = await listSequences(database, scope)
  const readable = places(listed, ({ readable, locked }) => readable && !locked)
  const comparable = places(
    listed,
    ({ readable, locked, indexed, columnReadable, columnLocked }) =>
      readable && !locked && indexed && columnReadable && !columnLocked,
  )
  const positions = await inParts(readable, part => readPositions(database, listed, part))
  const reached = await inParts(comparable, part => readReached(database, listed, part))
  const positionOf = new Map(positions.map(position => [position.place, position]))
  const reachedOf = new Map(reached.map(({ place, reached }) => [place, reached]))
  return listed.map((sequence, place) => ({
    ...sequence,
    last: positionOf.get(place)?.last ?? null,
    next: positionOf.get(place)?.next ?? null,
    reached: reachedOf.get(place) ?? null,
  }))
}

/** As text: fragments and parameters for each take the driver longer than the server takes to answer. */
function readPositions(database: Database, listed: readonly ListedSequence[], part: readonly number[]) {
  const selects = part.map(place => {
    const { schema, sequence, increment } = listed[place] as ListedSequence
    return `
      SELECT ${place} AS place, CASE WHEN is_called THEN last_value END::text AS last,
             (last_value + CASE WHEN is_called THEN ${increment}::numeric ELSE 0 END)::text AS next
      FROM ${quoted(schema, sequence)}`
  })
  return database.query<Position>`${database.sql.unsafe(selects.join(' UNION ALL '))}`
}

/** Not by max() and min(), for which the planner opens each index of the table twice. */
function readReached(database: Database, listed: readonly ListedSequence[], part: readonly number[]) {
  const selects = part.map(place => {
    const { tableSchema, table, column, increment } = listed[place] as ListedSequence
    const name = quoted(column ?? '')
    return `
      (SELECT ${place} AS place, ${name}::text AS reached FROM ${quoted(tableSchema ?? '', table ?? '')}
       WHERE ${name} IS NOT NULL ORDER BY ${name} ${increment.startsWith('-') ? 'ASC' : 'DESC'} LIMIT 1)`
  })
  const text = selects.join(' UNION ALL ')
  return database.query<{ place: number; reached: string | null }>`${database.sql.unsafe(text)}`
}

function places(listed: readonly ListedSequence[], wanted: (sequence: ListedSequence) => boolean): number[] {
  return listed.flatMap((sequence, place) => (wanted(sequence) ? [place] : []))
}

async function inParts<Row>(all: readonly number[], ask: (part: readonly number[]) => Promise<Row[]>) {
  const rows: Row[] = []
  for (let start = 0; start < all.length; start += TOGETHER)
    rows.push(...(await ask(all.slice(start, start + TOGETHER))))
  return rows
}
