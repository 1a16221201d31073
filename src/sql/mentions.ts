import type { FuncCall, RangeVar, TypeName } from 'libpg-query'
import type { ParsedStatement } from './parse.ts'
import { nodesIn, typeName, words, wordsOf } from './tree.ts'

/** The names that statements mention, whatever their schema: details are read of these only. */
export interface Mentioned {
  readonly relations: readonly string[]
  readonly functions: readonly string[]
  readonly types: readonly string[]
}

/** The names in the statements that the catalog must be asked about. Too many do no harm. */
export function mentionsOf(statements: Iterable<ParsedStatement>): Mentioned {
  const relations = new Set<string>()
  const functions = new Set<string>()
  const types = new Set<string>()
  for (const { tree, inner = [] } of statements) {
    for (const { kind, body } of nodesIn([tree, inner.map(each => each.tree)])) {
      const { relname } = body as RangeVar
      if (relname) relations.add(relname)
      if (kind === 'FuncCall') functions.add(words((body as FuncCall).funcname).at(-1) ?? '')
      const { names } = body as TypeName
      if (Array.isArray(names)) types.add(typeName(body as TypeName).name)
      // DROP TABLE, COMMENT ON and ALTER DOMAIN name their object by words alone
      if (kind === 'List') for (const word of wordsOf({ List: body as object })) relations.add(word)
      if (kind === 'typeName' && Array.isArray(body)) types.add(words(body).at(-1) ?? '')
    }
  }
  return { relations: [...relations], functions: [...functions], types: [...types] }
}
