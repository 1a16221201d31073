import type { HistoryRow } from './history.ts'

/** History rows that no file has claimed yet, found by what a file knows of them in constant time. */
export interface Unclaimed {
  claimName(name: string): HistoryRow | undefined
  /** By created_at, also where drizzle 1.0 has cut it or a folder's name has. Rows that bear a name are left to it. */
  claimStamp(when: number, fits: (row: HistoryRow) => boolean): HistoryRow | undefined
  claimHash(hash: string): HistoryRow | undefined
  /** What is left, in the order of ids. */
  left(): HistoryRow[]
}

export function unclaimed(rows: readonly HistoryRow[], namesDecide: boolean): Unclaimed {
  const open = new Set(rows)
  const byName = index(rows, row => [row.name])
  const byHash = index(rows, row => [row.hash])
  const byStamp = index(
    rows.filter(row => !namesDecide || row.name === null),
    row => [row.createdAt, namesDecide && row.createdAt !== null ? wholeSeconds(row.createdAt) : null],
  )
  const claim = (candidates: readonly HistoryRow[] = [], fits: (row: HistoryRow) => boolean = () => true) => {
    const row = candidates.find(candidate => open.has(candidate) && fits(candidate))
    if (row) open.delete(row)
    return row
  }
  return {
    claimName: name => claim(byName.get(name)),
    // of two migrations made within one second neither may take the other's row: it has to be cut
    claimStamp: (when, fits) =>
      claim(byStamp.get(when), fits) ??
      claim(byStamp.get(wholeSeconds(when)), row => row.createdAt === wholeSeconds(when) && fits(row)),
    claimHash: hash => claim(byHash.get(hash)),
    left: () => [...open],
  }
}

export function wholeSeconds(milliseconds: number): number {
  return milliseconds - (milliseconds % 1000)
}

function index<Key>(
  rows: readonly HistoryRow[],
  keys: (row: HistoryRow) => readonly (Key | null)[],
): Map<Key, HistoryRow[]> {
  const map = new Map<Key, HistoryRow[]>()
  for (const row of rows) {
    for (const key of new Set(keys(row))) {
      if (key === null) continue
      const group = map.get(key)
      if (group) group.push(row)
      else map.set(key, [row])
    }
  }
  return map
}
