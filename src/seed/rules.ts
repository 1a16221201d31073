import { loadParser } from '../sql/parse.ts'
import { as, columnsIn } from '../sql/tree.ts'
import type { Limits } from './cells/limits.ts'
import { type ParseExpression, type Rules, rulesOf } from './conditions.ts'
import type { SeedTable } from './model.ts'

/** What the rows of a table have to be like, read from its CHECKs, its domains' and its partitions' bounds. */
export interface TableRules extends Rules {
  /** Of each partition that rows can be made for, what it asks of columns; none where any row finds its place. */
  readonly routes: readonly ReadonlyMap<string, Limits>[]
  /** The columns that a condition names. */
  columnsOf(condition: string): readonly string[]
}

/**
 * Reads the conditions of these tables. `now` is what conditions such as `born < now()` take for the present, in
 * milliseconds.
 */
export async function rulesReader(
  tables: readonly SeedTable[],
  now: number,
): Promise<(table: SeedTable) => TableRules> {
  // the parser takes 100 ms to start
  const parseExpression = tables.some(hasConditions) ? await expressionParser() : () => undefined
  return ({ checks, columns, partitions }) => {
    const conditions = [
      ...checks.map(({ expression }) => ({ sql: expression })),
      ...columns.flatMap(({ name, domainChecks }) => domainChecks.map(sql => ({ sql, value: name }))),
    ]
    const routes = partitions
      .filter(partition => !partition.default)
      .map(({ condition }) => rulesOf([{ sql: condition }], parseExpression, now))
    return {
      ...rulesOf(conditions, parseExpression, now),
      routes: routes
        .filter(({ unread, limits }) => unread.length === 0 && limits.size > 0)
        .map(({ limits }) => limits),
      columnsOf: condition => columnsIn(parseExpression(condition)),
    }
  }
}

function hasConditions({ checks, columns, partitions }: SeedTable): boolean {
  return checks.length + partitions.length > 0 || columns.some(({ domainChecks }) => domainChecks.length > 0)
}

async function expressionParser(): Promise<ParseExpression> {
  const { parse } = await loadParser()
  return expression => {
    const [statement] = parse(`SELECT ${expression}`)
    return as('ResTarget', as('SelectStmt', statement?.tree)?.targetList?.[0])?.val
  }
}
