import { bindingOf } from './belonging.ts'
import { componentsOf } from './components.ts'
import { followedReferences, reachedFrom } from './followed.ts'
import { type Graph, leadsToSeveral, type Table } from './graph.ts'
import type { Node } from './nodes.ts'
import type { Rules } from './rules.ts'

export interface Scope {
  readonly root: Table
  readonly rules: Rules
  /** Only these tables below the root; all unless given. */
  readonly include: readonly Table[]
  readonly exclude: readonly Table[]
  /** At most so many references from the root. */
  readonly depth: number | undefined
}

/**
 * The tables whose rows belong to the root's: those that point to it, those that point to them, and so on, in the
 * order in which they are reached.
 */
export function ownedNodes(graph: Graph, scope: Scope): Node[] {
  const followed = followedReferences(graph, scope)
  const tables = reachedFrom(scope.root, followed)
  const nodes = tables.map(
    (table, index): Node => ({
      number: index + 1,
      table,
      role: 'owned',
      isRoot: table === scope.root,
      sources: [],
      binding: [],
      kind: 'keys',
      settled: false,
    }),
  )
  const byTable = new Map(nodes.map(node => [node.table, node]))
  for (const reference of followed) {
    const parent = byTable.get(reference.to)
    const child = byTable.get(reference.from)
    if (!parent || !child) continue
    child.sources.push({ reference, from: parent, direction: 'down', rule: scope.rules.get(reference) ?? {} })
  }
  for (const [node, binding] of bindingOf(nodes)) node.binding = binding
  for (const node of nodesFromRoot(nodes)) settle(node, scope)
  return nodes
}

/** How the rows of a node can be told, once that is known of the nodes that it depends on. */
function settle(node: Node, { depth }: Scope): void {
  const whole =
    depth === undefined && node.sources.every(({ rule }) => !rule.where && rule.limit === undefined)
  const { binding } = node
  if (node.isRoot) {
    node.settled = whole && binding.every(({ from }) => from === node)
    node.kind = depth === undefined && binding.length === 0 ? 'root' : 'keys'
    return
  }
  const strong =
    binding.length > 0 &&
    binding.every(
      ({ reference, from }) =>
        reference.required &&
        reference.enforced &&
        !leadsToSeveral(reference) &&
        from.settled &&
        from !== node,
    )
  node.settled = whole && strong
  if (node.settled) node.kind = 'bound'
  else if (depth === undefined && hasOneWay(node)) node.kind = 'single'
}

function hasOneWay({ sources: [only, ...others] }: Node): boolean {
  return (
    only !== undefined &&
    others.length === 0 &&
    only.rule.limit === undefined &&
    !leadsToSeveral(only.reference)
  )
}

/** The nodes whose rows have to be known before those of this one can be told. */
export function dependenciesOf({ kind, binding, sources }: Node): Node[] {
  return (kind === 'bound' ? binding : sources).map(({ from }) => from)
}

/** Parents first, as far as references that must be there go. */
function nodesFromRoot(nodes: readonly Node[]): Node[] {
  return componentsOf(nodes, ({ binding }) => binding.map(({ from }) => from)).flat()
}
