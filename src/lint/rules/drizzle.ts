import { as, type Body, nodesIn } from '../../sql/tree.ts'
import { onStatement, type Rules } from '../rule.ts'
import { allowed, apart, together } from '../sql.ts'

const PUBLIC = /"public"\.|(?<![\w$"'.])public\.(?=["a-z_])/gi
/** NAMEDATALEN - 1 */
const LONGEST = 63
/** As short as a name of so many bytes can be. */
const MAYBE_LONG = /"[^"]{21}/
const QUOTED = /"((?:[^"]|"")+)"/g

/** What Drizzle makes of a file, or puts into it. */
export const drizzleRules: Rules = {
  'transaction-control': onStatement('TransactionStmt', ({ kind }, { step, script }) => {
    if (!kind || script.mode !== 'own') return []
    const first = script.statements.find(({ tree }) => as('TransactionStmt', tree))
    // one finding for a BEGIN and the COMMIT that belongs to it
    if (step.statement !== first) return []
    const sqls = script.statements.filter(({ tree }) => !as('TransactionStmt', tree)).map(({ sql }) => sql)
    return [
      {
        message: `${kind === 'TRANS_STMT_BEGIN' ? 'drizzle runs the file in a transaction, so BEGIN starts nothing, and the COMMIT that belongs to it' : 'The statement'} ends drizzle's own transaction: what stands before it stays although the rest fails, and the file is then run once more from its beginning. drizzle-ops runs a file that asks for it without a transaction, and goes on where it stopped.`,
        fix: sqls.length > 0 ? apart(...sqls) : allowed('transaction-control', step.sql),
      },
    ]
  }),

  'public-hard-coded': {
    before: ({ step, ground: { home } }) => {
      if (home === undefined) return []
      const isNamed = [...nodesIn([step.tree])].some(
        ({ body }) => (body as Body<'RangeVar'>).schemaname === 'public',
      )
      if (!isNamed) return []
      return [
        {
          message: `The statement names the schema public, and this project works in ${home}: drizzle-kit writes "public". before what a foreign key refers to, wherever the tables are.`,
          fix: together(step.sql.replace(PUBLIC, '')),
        },
      ]
    },
  },

  'identifier-too-long': {
    before: ({ step }) => {
      if (!MAYBE_LONG.test(step.sql)) return []
      const long = [...step.sql.matchAll(QUOTED)].map(([, name = '']) => name).filter(isTooLong)
      if (long.length === 0) return []
      return [
        {
          message: `PostgreSQL cuts ${long.map(name => `"${name}"`).join(', ')} at ${LONGEST} bytes without an error. drizzle-kit does not know and finds a difference with every push. Give it a shorter name in the schema.`,
          fix: together(
            step.sql.replace(QUOTED, (whole, name: string) => (isTooLong(name) ? `"${cut(name)}"` : whole)),
          ),
        },
      ]
    },
  },
}

function isTooLong(name: string): boolean {
  return Buffer.byteLength(name) > LONGEST
}

function cut(name: string): string {
  let shorter = name
  while (isTooLong(shorter)) shorter = shorter.slice(0, -1)
  return shorter
}
