import type { EdgeRule } from '../config.ts'
import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'
import type { Graph, Reference } from './graph.ts'

/** What `ops.graph.edges` says of references. */
export type Rules = ReadonlyMap<Reference, EdgeRule>

const KEYS: Record<keyof EdgeRule, true> = { own: true, parent: true, by: true, where: true, limit: true }

/**
 * A rule is for all references by the same columns, which may lead to several tables; or for those of a name.
 * Throws OpsError `edge-unknown` or `edge-invalid`, exit 2, naming the nearest name there is.
 */
export function readRules({ references }: Graph, edges: Readonly<Record<string, EdgeRule>> = {}): Rules {
  const rules = new Map<Reference, EdgeRule>()
  for (const [name, rule] of Object.entries(edges)) {
    const titled = references.filter(({ title }) => title === name)
    const found = titled.length > 0 ? titled : references.filter(each => each.name === name)
    if (found.length === 0) throw unknown(name, references)
    for (const reference of found) {
      if (rules.has(reference))
        throw invalid(
          name,
          `is named twice, by ${reference.title} and ${reference.name}`,
          'Keep one of the two.',
        )
      rules.set(reference, checked(name, rule, reference))
    }
  }
  return rules
}

function checked(name: string, rule: EdgeRule, { nullable, path }: Reference): EdgeRule {
  const key = Object.keys(rule).find(each => !Object.hasOwn(KEYS, each))
  if (key !== undefined) {
    const keys = Object.keys(KEYS)
    throw invalid(
      name,
      `has an unknown key ${key}`,
      suggestion(key, keys, `The keys are ${keys.join(', ')}.`),
    )
  }
  if (rule.parent === 'null' && nullable.length === 0 && path === undefined) {
    throw invalid(
      name,
      "says parent: 'null', and the column is NOT NULL",
      `Choose embed, match, map or require for ${name}.`,
    )
  }
  if (rule.parent === 'null' && nullable.length === 0)
    throw invalid(name, "says parent: 'null' of a value inside of JSON", 'Choose embed or require.')
  if (rule.parent === 'match' && !rule.by?.length)
    throw invalid(
      name,
      "says parent: 'match' and not by what",
      "Add by: ['<a column that the target knows the row by>'].",
    )
  return rule
}

function unknown(name: string, references: readonly Reference[]): OpsError {
  const names = references.map(({ title }) => title)
  return new OpsError({
    code: 'edge-unknown',
    message: `ops.graph.edges names ${name}, and there is no such reference.`,
    hint: names.length > 0 ? suggestion(name, names) : 'This database has no foreign keys.',
    exit: 2,
  })
}

function invalid(name: string, why: string, hint: string): OpsError {
  return new OpsError({
    code: 'edge-invalid',
    message: `The edge ${name} of ops.graph.edges ${why}.`,
    hint,
    exit: 2,
  })
}
