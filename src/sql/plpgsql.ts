import type { Node } from 'libpg-query'
import { all, as } from './tree.ts'

/** A node of PL/pgSQL's own parse tree. */
type Step = Readonly<Record<string, { readonly body?: readonly Step[]; readonly sqlstmt?: Query }>>

interface Query {
  readonly PLpgSQL_expr?: { readonly query?: string }
}

interface Parsed {
  readonly plpgsql_funcs?: readonly { readonly PLpgSQL_function?: { readonly action?: Step } }[]
}

/**
 * The statements of a DO block, in order, if it does nothing but run them; what it does about errors does not matter.
 * Older versions of drizzle-kit write `DO $$ BEGIN …; EXCEPTION WHEN duplicate_object THEN null; END $$`.
 */
export function queriesOfBlock(
  tree: Node | undefined,
  parse: (text: string) => unknown,
): string[] | undefined {
  const options = all('DefElem', as('DoStmt', tree)?.args)
  const body = as('String', options.find(({ defname }) => defname === 'as')?.arg)?.sval
  const language = as('String', options.find(({ defname }) => defname === 'language')?.arg)?.sval
  if (body === undefined || (language !== undefined && language !== 'plpgsql')) return undefined
  try {
    const { plpgsql_funcs } = parse(`DO $drizzle_ops$${body}$drizzle_ops$`) as Parsed
    const action = plpgsql_funcs?.[0]?.PLpgSQL_function?.action
    return action && queriesOf(action)
  } catch {
    return undefined
  }
}

function queriesOf(step: Step): string[] | undefined {
  if (step.PLpgSQL_stmt_return) return []
  const query = step.PLpgSQL_stmt_execsql?.sqlstmt?.PLpgSQL_expr?.query
  if (query !== undefined) return [query]
  const inner = step.PLpgSQL_stmt_block?.body?.map(queriesOf)
  return inner?.every(queries => queries !== undefined) ? inner.flat() : undefined
}
