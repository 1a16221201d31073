import { type OwnedSequence, ownedSequences } from '../catalog/owned-sequences.ts'
import type { Scope } from '../catalog/scope.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'

/** Numbers of sequences are text where JavaScript would not count them exactly. */
type Big = number | string

/** How much of a sequence is used up. */
export interface SequenceUse {
  readonly schema: string
  readonly sequence: string
  readonly table: string | null
  readonly column: string | null
  readonly type: string | null
  /** The last number given out; null before the first, and where our role may not read it. */
  readonly last: Big | null
  readonly ceiling: Big
  readonly usedRatio: number | null
  /** How many numbers are left. */
  readonly headroom: Big | null
  /** The furthest value in the column; null where it is not looked at. */
  readonly furthest: Big | null
  /** The next number is not beyond the furthest value: the next INSERT fails. null where that cannot be told. */
  readonly behind: boolean | null
  readonly cycles: boolean
  readonly readable: boolean
  /** A column owns it that was not looked at. */
  readonly uncompared: boolean
  /** What brings it before its column again. */
  readonly setval: string | null
}

/** The sequences that are used up furthest come first. */
export async function sequenceReport(database: Database, scope: Scope): Promise<SequenceUse[]> {
  const sequences = await ownedSequences(database, scope)
  return sequences.map(useOf).toSorted((a, b) => (b.usedRatio ?? -1) - (a.usedRatio ?? -1))
}

function useOf(sequence: OwnedSequence): SequenceUse {
  const { schema, column, cycles, type, readable, locked } = sequence
  const step = BigInt(sequence.increment)
  const [start, end] =
    step > 0n
      ? [BigInt(sequence.floor), BigInt(sequence.ceiling)]
      : [BigInt(sequence.ceiling), BigInt(sequence.floor)]
  const last = bigOrNull(sequence.last)
  const next = bigOrNull(sequence.next)
  const furthest = bigOrNull(sequence.reached)
  const compared = sequence.indexed && sequence.columnReadable && !sequence.columnLocked && next !== null
  const behind = next !== null && furthest !== null && (step > 0n ? next <= furthest : next >= furthest)
  return {
    schema,
    sequence: sequence.sequence,
    table: sequence.table,
    column,
    type,
    last: last === null ? null : shown(last),
    ceiling: shown(end),
    usedRatio: next === null ? null : last === null ? 0 : ratio(last - start, end - start),
    headroom: next === null ? null : shown(left(next, end, step)),
    furthest: furthest === null ? null : shown(furthest),
    behind: column === null || compared ? behind : null,
    cycles,
    readable: readable && !locked,
    uncompared: column !== null && !compared,
    setval: behind ? setval(schema, sequence.sequence, furthest) : null,
  }
}

function left(next: bigint, end: bigint, step: bigint): bigint {
  const count = (end - next) / step + 1n
  return count > 0n ? count : 0n
}

function setval(schema: string, sequence: string, value: bigint | null): string {
  return `SELECT setval('${quoted(schema, sequence).replaceAll("'", "''")}', ${value});`
}

/** To six digits: the numbers may be beyond 2^53. */
function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 1 : Number((part * 1_000_000n) / whole) / 1_000_000
}

function bigOrNull(text: string | null): bigint | null {
  return text === null ? null : BigInt(text)
}

function shown(value: bigint): Big {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}
