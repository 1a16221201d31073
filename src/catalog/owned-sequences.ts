import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { inScope, type Scope } from './scope.ts'
import { lockedRelations } from './unlocked.ts'

/** How much of a sequence is used up. Its numbers are text where they may be beyond 2^53. */
export interface SequenceUse {
  readonly schema: string
  readonly sequence: string
  /** The table and column that own it. */
  readonly table: string | null
  readonly column: string | null
  readonly type: string
  readonly increment: string
  readonly cycles: boolean
  /** The last number given out; null before the first, and where our role may not read it. */
  readonly last: string | null
  /** What the next INSERT gets; null where our role may not read it. */
  readonly next: string | null
  /** The end of the sequence, or of its column's type if that comes first. */
  readonly ceiling: string
  readonly floor: string
  /** The largest number in the column (the smallest for a descending sequence); null where it is not looked at. */
  readonly reached: string | null
  readonly readable: boolean
}

/** The same with what tells how far it can be trusted. */
export interface OwnedSequence extends SequenceUse {
  readonly tableSchema: string | null
  /** Whether an index begins with the column, so that `reached` is at hand. */
  readonly indexed: boolean
  /** Whether no two rows may share a value of the column, and whether it is the primary key. */
  readonly unique: boolean
  readonly primary: boolean
  /** Whether our role may read the column, and sees every row. */
  readonly columnReadable: boolean
  /** Somebody holds or wants the sequence, or the table, for themselves alone. */
  readonly locked: boolean
  readonly columnLocked: boolean
}

interface Listed extends Omit<OwnedSequence, 'last' | 'next' | 'reached'> {}

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

/** What a report shows of them. */
export async function sequenceUses(database: Database, scope: Scope): Promise<SequenceUse[]> {
  const owned = await ownedSequences(database, scope)
  return owned.map(
    ({
      tableSchema,
      indexed,
      unique,
      primary,
      columnReadable,
      columnLocked,
      locked,
      readable,
      ...shown
    }) => ({
      ...shown,
      readable: readable && !locked,
    }),
  )
}

function listSequences(database: Database, scope: Scope): Promise<Listed[]> {
  return database.query<Listed>`
    WITH locked AS MATERIALIZED (${lockedRelations(database)})
    SELECT namespace.nspname AS schema, relation.relname AS sequence,
           owner_namespace.nspname AS "tableSchema", owner.relname AS "table", attribute.attname AS "column",
           format_type(coalesce(attribute.atttypid, sequence.seqtypid), NULL) AS type,
           sequence.seqincrement::text AS increment, sequence.seqcycle AS cycles,
           least(sequence.seqmax, bounds.high)::text AS ceiling, greatest(sequence.seqmin, bounds.low)::text AS floor,
           has_sequence_privilege(relation.oid, 'SELECT') AND has_schema_privilege(namespace.oid, 'USAGE') AS readable,
           coalesce(lead.indexed AND attribute.atttypid IN (20, 21, 23), false) AS indexed,
           coalesce(lead.unique, false) AS unique, coalesce(lead.primary, false) AS primary,
           coalesce(has_column_privilege(owner.oid, attribute.attnum, 'SELECT')
                    AND has_schema_privilege(owner_namespace.oid, 'USAGE')
                    AND NOT row_security_active(owner.oid)
                    AND (NOT pg_is_in_recovery() OR owner.relpersistence = 'p'), false) AS "columnReadable",
           relation.oid IN (SELECT relation FROM locked) AS locked,
           coalesce(owner.oid IN (SELECT relation FROM locked), false) AS "columnLocked"
    FROM pg_catalog.pg_sequence AS sequence
    JOIN pg_catalog.pg_class AS relation ON relation.oid = sequence.seqrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_depend AS owned
      ON owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = relation.oid
      AND owned.refclassid = 'pg_catalog.pg_class'::regclass AND owned.refobjsubid > 0 AND owned.deptype IN ('a', 'i')
    LEFT JOIN pg_catalog.pg_class AS owner ON owner.oid = owned.refobjid
    LEFT JOIN pg_catalog.pg_namespace AS owner_namespace ON owner_namespace.oid = owner.relnamespace
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = owned.refobjid AND attribute.attnum = owned.refobjsubid
    CROSS JOIN LATERAL (
      SELECT CASE attribute.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END AS high,
             CASE attribute.atttypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END AS low) AS bounds
    CROSS JOIN LATERAL (
      SELECT count(*) > 0 AS indexed, bool_or(index.indisunique AND index.indnkeyatts = 1) AS unique,
             bool_or(index.indisprimary) AS primary
      FROM pg_catalog.pg_index AS index
      JOIN pg_catalog.pg_class AS index_class ON index_class.oid = index.indexrelid
      JOIN pg_catalog.pg_am AS method ON method.oid = index_class.relam
      WHERE index.indrelid = owner.oid AND index.indkey[0] = attribute.attnum AND index.indisvalid
        AND index.indpred IS NULL AND method.amname = 'btree') AS lead
    WHERE ${inScope(database, scope)} AND (NOT pg_is_in_recovery() OR relation.relpersistence = 'p')
    ORDER BY schema, sequence`
}

/** As text: fragments and parameters for each take the driver longer than the server takes to answer. */
function readPositions(database: Database, listed: readonly Listed[], part: readonly number[]) {
  const selects = part.map(place => {
    const { schema, sequence, increment } = listed[place] as Listed
    return `
      SELECT ${place} AS place, CASE WHEN is_called THEN last_value END::text AS last,
             (last_value + CASE WHEN is_called THEN ${increment}::numeric ELSE 0 END)::text AS next
      FROM ${quoted(schema, sequence)}`
  })
  return database.query<Position>`${database.sql.unsafe(selects.join(' UNION ALL '))}`
}

/** Not by max() and min(), for which the planner opens each index of the table twice. */
function readReached(database: Database, listed: readonly Listed[], part: readonly number[]) {
  const selects = part.map(place => {
    const { tableSchema, table, column, increment } = listed[place] as Listed
    const name = quoted(column ?? '')
    return `
      (SELECT ${place} AS place, ${name}::text AS reached FROM ${quoted(tableSchema ?? '', table ?? '')}
       WHERE ${name} IS NOT NULL ORDER BY ${name} ${increment.startsWith('-') ? 'ASC' : 'DESC'} LIMIT 1)`
  })
  const text = selects.join(' UNION ALL ')
  return database.query<{ place: number; reached: string | null }>`${database.sql.unsafe(text)}`
}

function places(listed: readonly Listed[], wanted: (sequence: Listed) => boolean): number[] {
  return listed.flatMap((sequence, place) => (wanted(sequence) ? [place] : []))
}

async function inParts<Row>(all: readonly number[], ask: (part: readonly number[]) => Promise<Row[]>) {
  const rows: Row[] = []
  for (let start = 0; start < all.length; start += TOGETHER)
    rows.push(...(await ask(all.slice(start, start + TOGETHER))))
  return rows
}
