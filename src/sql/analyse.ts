import { listChecks } from '../catalog/columns.ts'
import type { Database } from '../database/database.ts'
import { byName, byRelation, type ServerFacts } from './draft.ts'
import { proveChecks } from './effects/proofs.ts'
import { type Effects, effectsOf } from './effects.ts'
import { readFacts, unlessLocked } from './facts.ts'
import { linkRelations } from './link.ts'
import { mentionsOf } from './mentions.ts'
import { loadParser, type ParsedStatement, type Parser } from './parse.ts'
import type { Relations } from './relations.ts'

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
  const { server, link } = await readGround(database, parsed.flat(2), parser)
  const relations = link()
  return parsed.map(texts => {
    relations.searchPath = relations.usualSearchPath
    return texts.map(statements => ({
      statements,
      effects: together(statements.map(each => effectsOf(each, server, relations, parser))),
    }))
  })
}

/** What statements find before them. */
export interface Ground {
  readonly server: ServerFacts
  /** The relations as they stand, anew with each call: effects change them. */
  link(): Relations
}

/** What these statements need to know of a database. Reads only, and waits for nobody. */
export async function readGround(
  database: Database,
  statements: readonly ParsedStatement[],
  parser: Parser,
): Promise<Ground> {
  const mentioned = mentionsOf(statements)
  const facts = await readFacts(database, mentioned)
  const checks = await unlessLocked(database, () => listChecks(database, mentioned.relations))
  return {
    server: { major: database.server.major, utc: isUtc(facts.timeZone) },
    link: () => {
      const relations = linkRelations(facts)
      proveChecks(relations, checks ?? [], parser)
      return relations
    },
  }
}

export function isUtc(timeZone: string): boolean {
  return UTC.includes(timeZone)
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
    ).toSorted((a, b) => byName(a.relation, b.relation)),
    rewrites: all(({ rewrites }) => rewrites),
    scans: all(({ scans }) => scans),
    truncates: all(({ truncates }) => truncates),
    notAnalysed: all(({ notAnalysed }) => notAnalysed),
  }
}

function firstOfEach<T>(values: readonly T[], key: (value: T) => string): T[] {
  return [...new Map(values.toReversed().map(value => [key(value), value])).values()]
}
