import { listChecks } from '../catalog/columns.ts'
import type { Database } from '../database/database.ts'
import type { ServerFacts } from './draft.ts'
import { proveChecks } from './effects/proofs.ts'
import { type Effects, effectsOf } from './effects.ts'
import { readFacts, unlessLocked } from './facts.ts'
import { mentionsOf } from './mentions.ts'
import { loadParser, type ParsedStatement } from './parse.ts'
import { linkRelations } from './relations.ts'

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

function together(effects: readonly Effects[]): Effects {
  const unique = <T>(each: (effects: Effects) => readonly T[]) => [...new Set(effects.flatMap(each))]
  const by = <T>(key: (value: T) => string, values: readonly T[]) =>
    [...new Map(values.toReversed().map(value => [key(value), value])).values()].toReversed()
  return {
    locks: by(
      ({ mode, relation }) => `${mode} ${relation}`,
      effects.flatMap(({ locks }) => locks),
    ),
    tables: by(
      ({ relation }) => relation,
      effects.flatMap(({ tables }) => tables),
    ),
    rewrites: unique(({ rewrites }) => rewrites),
    scans: unique(({ scans }) => scans),
    truncates: unique(({ truncates }) => truncates),
    notAnalysed: unique(({ notAnalysed }) => notAnalysed),
  }
}
