import { createHash } from 'node:crypto'

/** Chances that are the same whenever the seed is. */
export interface Random {
  /** Both ends included. */
  integer(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
}

export function randomOf(...seed: readonly (string | number)[]): Random {
  let drawn = 0
  const below = (limit: number) => {
    drawn += 1
    const digest = createHash('sha256')
      .update([...seed, drawn].join('\0'))
      .digest()
    return digest.readUInt32BE(0) % limit
  }
  return {
    integer: (from, to) => from + below(to - from + 1),
    pick: items => items[below(items.length)] ?? items[0],
  }
}
