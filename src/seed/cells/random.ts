import { createHash } from 'node:crypto'

/**
 * Numbers that depend on nothing but what they are asked for: the same on every machine, in whatever order cells are
 * made. A stream would change all cells behind the one that draws once more.
 */
export interface Source {
  /** From 0 up to, but not, 2^32. `draw` tells several numbers of one row apart. */
  bits(row: number, draw?: number): number
  /** From 0 up to, but not, 1. */
  share(row: number, draw?: number): number
  /** A whole number from 0 up to, but not, `below`. */
  below(row: number, below: number, draw?: number): number
}

/** The source of a column, or of another part of a run: words as `["42", "public.users", "email"]`. */
export function sourceOf(...words: readonly string[]): Source {
  const seed = createHash('sha256').update(words.join('\0')).digest()
  const a = seed.readInt32LE(0)
  const b = seed.readInt32LE(4)
  const bits = (row: number, draw = 0) => mixed(a, b, row, draw)
  const share = (row: number, draw = 0) => bits(row, draw) / 2 ** 32
  return { bits, share, below: (row, below, draw = 0) => Math.floor(share(row, draw) * below) }
}

/** The finalizer of MurmurHash3 over two words and the seed: https://github.com/aappleby/smhasher */
function mixed(a: number, b: number, row: number, draw: number): number {
  let hash = a ^ Math.imul(row, 0x9e3779b1)
  hash = finished(hash)
  hash ^= b + Math.imul(draw + 1, 0x85ebca6b) + Math.imul(Math.floor(row / 2 ** 32), 0xc2b2ae35)
  return finished(hash) >>> 0
}

function finished(word: number): number {
  let hash = word
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Half the bits of the largest domain whose numbers JavaScript holds exactly. */
const MOST_HALF = 26

/**
 * A permutation of 0 … size - 1: different rows get different numbers, so that uniqueness needs no memory. A Feistel
 * network over the next power of four; what falls outside is put through again (cycle walking, Black and Rogaway 2002).
 * `row` has to be below `size`, and `size` below 2^52.
 */
export function permutation(source: Source, size: number): (row: number) => number {
  const half = Math.min(MOST_HALF, Math.max(1, Math.ceil(Math.log2(Math.max(size, 2)) / 2)))
  const side = 2 ** half
  const once = (value: number) => {
    let left = Math.floor(value / side)
    let right = value % side
    for (let round = 1; round <= 4; round += 1) {
      const next = (left ^ (source.bits(right, round) & (side - 1))) >>> 0
      left = right
      right = next
    }
    return left * side + right
  }
  return row => {
    let value = once(row)
    while (value >= size) value = once(value)
    return value
  }
}
