import type { EdgeRule } from '../config.ts'
import { type Graph, leadsToSeveral, type Reference, type Table } from './graph.ts'
import type { Node, Role, Source } from './nodes.ts'
import type { Scope } from './owned.ts'

/** What becomes of the row that a collected row points to. */
export type Policy = NonNullable<EdgeRule['parent']>

/**
 * A reference that cannot be NULL takes its row along; any other is NULL where its row is not collected for another
 * reason. What was excluded, and what a value inside of JSON points to, has to exist where the archive goes.
 */
export function policyOf({ rules, exclude }: Pick<Scope, 'rules' | 'exclude'>, reference: Reference): Policy {
  const { nullable, path, to } = reference
  const chosen = rules.get(reference)?.parent
  if (chosen) return chosen
  if (nullable.length > 0) return 'null'
  return path === undefined && !exclude.includes(to) ? 'embed' : 'require'
}

/** Whether the row that `reference` leads to is collected whenever a row of the node is. */
export function isInside(node: Node, reference: Reference, outside: ReadonlySet<Reference>): boolean {
  // of the several rows that one points to the node may be for some only
  if (node.role !== 'owned' || leadsToSeveral(reference)) return false
  const source = node.sources.find(each => each.reference === reference)
  if (!source || node.isRoot) return false
  if (node.kind === 'bound') return node.binding.includes(source)
  return node.sources.length === 1 || (reference.required && !outside.has(reference))
}

export interface Needs {
  readonly graph: Graph
  readonly scope: Scope
  readonly owned: readonly Node[]
  /** References that lead from collected rows to rows that belong to nobody. */
  readonly outside: ReadonlySet<Reference>
  /** Rows of other roots that are to be taken along with what they need. */
  readonly crossing: readonly Source[]
}

/** The rows that collected ones need: upwards from what is owned, and never down again from there. */
export function requiredNodes({ graph, scope, owned, outside, crossing }: Needs): Node[] {
  const nodes: Node[] = []
  for (const source of crossing) nodeFor(source.reference.from, 'required').sources.push(source)
  for (const node of owned) follow(node)
  for (const node of nodes) follow(node)
  for (const node of nodes)
    if (node.sources.length === 1 && node.sources[0]?.direction === 'up') node.kind = 'single'
  return nodes

  function follow(node: Node) {
    if (node.role === 'matched') return
    for (const reference of graph.references.filter(({ from }) => from === node.table)) {
      const policy = policyOf(scope, reference)
      if (isInside(node, reference, outside)) continue
      if (policy !== 'embed' && policy !== 'match') continue
      const source: Source = {
        reference,
        from: node,
        direction: 'up',
        rule: scope.rules.get(reference) ?? {},
      }
      nodeFor(reference.to, policy === 'embed' ? 'required' : 'matched').sources.push(source)
    }
  }

  function nodeFor(table: Table, role: Role): Node {
    const known = nodes.find(node => node.table === table && node.role === role)
    if (known) return known
    const number = owned.length + nodes.length + 1
    const node: Node = {
      number,
      table,
      role,
      isRoot: false,
      sources: [],
      binding: [],
      kind: 'keys',
      settled: false,
    }
    nodes.push(node)
    return node
  }
}
