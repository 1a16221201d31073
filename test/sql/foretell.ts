import { effectsOf } from '../../src/sql/effects.ts'
import { readFacts } from '../../src/sql/facts.ts'
import { linkRelations } from '../../src/sql/link.ts'
import { mentionsOf } from '../../src/sql/mentions.ts'
import { loadParser } from '../../src/sql/parse.ts'
import type { TestDatabase } from '../support/databases.ts'
import { connected, lockNames } from '../support/planning.ts'

export interface Foretold {
  readonly locks: readonly string[]
  readonly rewrites: readonly string[]
}

/** What each statement would do by itself, in the terms of `byHand`. */
export async function foretell(
  database: TestDatabase,
  statements: readonly string[],
  utc = true,
): Promise<Map<string, Foretold>> {
  const parser = await loadParser()
  const parsed = statements.map(statement => parser.parse(statement))
  const facts = await connected(database, connection => readFacts(connection, mentionsOf(parsed.flat())))
  return new Map(
    parsed.map((all, index) => {
      const relations = linkRelations(facts)
      const effects = all.map(each => effectsOf(each, { major: database.major, utc }, relations, parser))
      return [
        statements[index] ?? '',
        {
          locks: [...new Set(lockNames(effects.flatMap(({ locks }) => locks)))].sort(),
          rewrites: [...new Set(effects.flatMap(({ rewrites }) => rewrites))].sort(),
        },
      ]
    }),
  )
}
