import type { Graph, Reference, Table } from './graph.ts'
import type { Scope } from './owned.ts'

/** The references by which rows come to belong to the root: all but those that only point among what belongs to it. */
export function followedReferences(
  { references }: Graph,
  { root, rules, include, exclude }: Scope,
): Reference[] {
  const ancestors = requiredAncestors(references)
  return references.filter(reference => {
    const { from } = reference
    if (exclude.includes(from) || (include.length > 0 && from !== root && !include.includes(from)))
      return false
    return rules.get(reference)?.own ?? !isPointer(reference, ancestors)
  })
}

/** `conversations.last_message_id`: what a row may point to among rows that belong to it does not own it in turn. */
function isPointer(reference: Reference, ancestors: ReadonlyMap<Table, ReadonlySet<Table>>): boolean {
  const { required, cascades, from, to } = reference
  return !required && !cascades && from !== to && ancestors.get(to)?.has(from) === true
}

/** For each table those that its rows cannot be without. */
function requiredAncestors(references: readonly Reference[]): Map<Table, Set<Table>> {
  const needed = references.filter(({ required }) => required)
  const tables = [...new Set(needed.map(({ from }) => from))]
  return new Map(
    tables.map(table => [
      table,
      new Set(
        reach(
          needed.filter(({ from }) => from === table).map(({ to }) => to),
          next => needed.filter(({ from }) => from === next).map(({ to }) => to),
        ),
      ),
    ]),
  )
}

/** The tables that these references lead down to, in the order in which they are reached. */
export function reachedFrom(root: Table, followed: readonly Reference[]): Table[] {
  return reach([root], table => followed.filter(({ to }) => to === table).map(({ from }) => from))
}

/** Breadth first. */
function reach(starts: readonly Table[], next: (table: Table) => readonly Table[]): Table[] {
  const found = new Set(starts)
  for (const table of found) for (const each of next(table)) found.add(each)
  return [...found]
}
