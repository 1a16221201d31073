/**
 * The strongly connected components of a directed graph, each after all that it leads to; within a component and
 * between unrelated ones in the order of `nodes`. Tarjan 1972, https://doi.org/10.1137/0201010, without recursion:
 * a schema may be a chain of thousands of tables.
 */
export function componentsOf<Node>(
  nodes: readonly Node[],
  successors: (node: Node) => readonly Node[],
): Node[][] {
  const position = new Map(nodes.map((node, index) => [node, index]))
  const index = new Map<Node, number>()
  const low = new Map<Node, number>()
  const open: Node[] = []
  const isOpen = new Set<Node>()
  const components: Node[][] = []
  for (const start of nodes) {
    if (index.has(start)) continue
    const path = [visit(start)]
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const { node, left } = step
      const next = left.shift()
      if (next === undefined) {
        path.pop()
        const above = path.at(-1)?.node
        if (above !== undefined) lower(above, low.get(node) ?? 0)
        if (low.get(node) === index.get(node)) close(node)
      } else if (!index.has(next)) path.push(visit(next))
      else if (isOpen.has(next)) lower(node, index.get(next) ?? 0)
    }
  }
  return components

  function visit(node: Node) {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    open.push(node)
    isOpen.add(node)
    return { node, left: successors(node).filter(each => position.has(each)) }
  }

  function lower(node: Node, to: number) {
    low.set(node, Math.min(low.get(node) ?? to, to))
  }

  function close(node: Node) {
    const members = open.splice(open.indexOf(node))
    for (const member of members) isOpen.delete(member)
    components.push(members.toSorted((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0)))
  }
}
