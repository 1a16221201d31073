import type { Node, RangeVar, TypeName } from 'libpg-query'

/** The name of a node's kind, such as `CreateStmt`. */
export type Kind = Node extends infer Each ? (Each extends unknown ? keyof Each : never) : never

/** What a node of a kind holds. */
export type Body<K extends Kind> = Extract<Node, Record<K, unknown>>[K]

/** A name as it is written, with or without its schema. */
export interface Name {
  readonly schema: string | undefined
  readonly name: string
}

/** What the node holds if it is of that kind. */
export function as<K extends Kind>(kind: K, node: Node | undefined): Body<K> | undefined {
  return node && kind in node ? (node as unknown as Record<K, Body<K>>)[kind] : undefined
}

export function kindOf(node: Node): Kind {
  return Object.keys(node)[0] as Kind
}

/** Those of the nodes that are of one kind. */
export function all<K extends Kind>(kind: K, nodes: readonly Node[] | undefined): Body<K>[] {
  const found: Body<K>[] = []
  // asked a hundred times of each statement
  for (const node of nodes ?? []) {
    const body = as(kind, node)
    if (body) found.push(body)
  }
  return found
}

/** The texts of a list of String nodes. */
export function words(nodes: readonly Node[] | undefined): string[] {
  const found: string[] = []
  for (const node of nodes ?? []) if ('String' in node) found.push(node.String.sval ?? '')
  return found
}

/** A dotted name: of a list of String nodes, or of a List node that holds them. */
export function nameOf(parts: readonly string[]): Name {
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
}

export function wordsOf(node: Node | undefined): string[] {
  return words(as('List', node)?.items ?? as('TypeName', node)?.names)
}

export function rangeName({ schemaname, relname = '' }: RangeVar): Name {
  return { schema: schemaname || undefined, name: relname }
}

/** The type's own name, as it is in the catalog: `int4` for integer. */
export function typeName(type: TypeName | undefined): Name {
  return nameOf(words(type?.names))
}

/** Every node below a value in its order, each with its kind. Without recursion: a UNION of thousands is as deep. */
export function* nodesIn(value: unknown): Generator<{ kind: string; body: object }> {
  const left = entries(value)
  for (let next = left.pop(); next; next = left.pop()) {
    const [kind, body] = next
    if (kind !== '') yield { kind, body }
    left.push(...entries(body))
  }
}

/** What is in an array or an object, the first last; what is in an array has no kind. */
function entries(value: unknown): [kind: string, body: object][] {
  if (typeof value !== 'object' || value === null) return []
  const found: [string, object][] = Array.isArray(value)
    ? value.filter(isObject).map(each => ['', each])
    : Object.entries(value).flatMap(([kind, body]) => (isObject(body) ? [[kind, body]] : []))
  return found.reverse()
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The columns that an expression or an index definition names. */
export function columnsIn(value: unknown): string[] {
  return [...nodesIn([value])].flatMap(({ kind, body }) => {
    if (kind === 'IndexElem') return (body as Body<'IndexElem'>).name ?? []
    return kind === 'ColumnRef' ? words((body as Body<'ColumnRef'>).fields).slice(-1) : []
  })
}
