/** The items so that each comes after what must come before it; of several that can come next, the one of lowest rank. */
export function ordered<T>(
  items: readonly T[],
  before: (item: T) => Iterable<T>,
  rank: (item: T) => number,
): T[] {
  const byRank = items
    .map((item, at) => ({ item, at, rank: rank(item) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
  const known = new Set(items)
  const result = new Set<T>()
  const open = new Set<T>()
  const visit = (item: T) => {
    // a circle is entered where its rank is lowest
    if (result.has(item) || open.has(item)) return
    open.add(item)
    for (const each of before(item)) if (known.has(each)) visit(each)
    open.delete(item)
    result.add(item)
  }
  for (const { item } of byRank) visit(item)
  return [...result]
}
