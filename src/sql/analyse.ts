import { listChecks } from '../catalog/columns.ts'
import type { Database } from '../database/database.ts'
import { byRelation, type ServerFacts } from './draft.ts'
import { proveChecks } from './effects/proofs.ts'
import { type Effects, effectsOf } from './effects.ts'
import { readFacts, unlessLocked } from './facts.ts'
import { linkRelations } from './link.ts'
import { mentionsOf } from './mentions.ts'
import { loadParser, type ParsedStatement } from './parse.ts'

/** One text that is sent to the server as it is, and what all of its statements do together. */
export interface Analysis {
  readonly statements: readonly ParsedStatement[]
  readonly effects: Effects
}

/**
 * Works out what scripts would do to this database, one after the other, each with a session of its own.
 * Reads only. A script is the texts that are sent in turn.
 */
export async function analyse(
  database: Database,
  scripts: readonly (readonly string[])[],
): Promise<Analysis[][]> {
  const parser = await loadParser()
  const parsed = scripts.map(texts => texts.map(text => parser.parse(text)))
  const mentioned = mentionsOf(parsed.flat(2))
  const facts = await readFacts(database, mentioned)
  const relations = linkRelations(facts)
  const checks = await unlessLocked(database, () => listChecks(database, mentioned.relations))
  proveChecks(relations, checks ?? [], parser)
  const server: ServerFacts = { major: database.server.major, utc: UTC.includes(facts.timeZone) }
  return parsed.map(texts => {
    relations.searchPath = facts.searchPath
    return texts.map(statements => ({
      statements,
      effects: together(statements.map(each => effectsOf(each, server, relations, parser))),
    }))
  })
}

/** The names of the one zone that never had another offset. */
const UTC = [
  'UTC',
  'Etc/UTC',
  'GMT',
  'Etc/GMT',
  'UCT',
  'Etc/UCT',
  'Universal',
  'Etc/Universal',
  'Zulu',
  'Etc/Zulu',
]

/** One text may hold several statements. */
function together(effects: readonly Effects[]): Effects {
  const all = <T>(each: (effects: Effects) => readonly T[]) => [...new Set(effects.flatMap(each))]
  return {
    locks: firstOfEach(
      all(({ locks }) => locks),
      ({ mode, relation }) => `${mode} ${relation}`,
    ).toSorted(byRelation),
    tables: firstOfEach(
      all(({ tables }) => tables),
      ({ relation }) => relation,
    ).toSorted((a, b) => a.relation.localeCompare(b.relation)),
    rewrites: all(({ rewrites }) => rewrites),
    scans: all(({ scans }) => scans),
    truncates: all(({ truncates }) => truncates),
    notAnalysed: all(({ notAnalysed }) => notAnalysed),
  }
}

function firstOfEach<T>(values: readonly T[], key: (value: T) => string): T[] {
  return [...new Map(values.toReversed().map(value => [key(value), value])).values()]
}
