import { transactionWrites } from '../../catalog/transaction-writes.ts'
import type { Database } from '../../database/database.ts'
import { OpsError } from '../../errors.ts'
import { explain, serverError } from '../../explain.ts'
import { placeOf } from '../../migrations/failure.ts'
import { sentence } from '../../sentence.ts'
import { loadParser, type ParsedStatement } from '../../sql/parse.ts'
import { as } from '../../sql/tree.ts'
import { readSeed } from './read.ts'
import { keptUnless } from './transaction.ts'
import type { Written, WrittenOptions } from './written.ts'

/** Runs a .sql file, statement by statement, so that a failure has its line. */
export async function runScript(database: Database, { file, dryRun }: WrittenOptions): Promise<Written> {
  const text = await readSeed(file)
  const { parse } = await loadParser()
  const statements = parse(text)
  refuseTransactions(file, text, statements)
  return keptUnless(database, dryRun, async () => {
    for (const [index, { start, end }] of statements.entries()) {
      const statement = { text: text.slice(start, end), offset: start, number: index + 1 }
      await database.script(statement.text).catch(error => {
        throw failed(error, { file, text, statement })
      })
    }
    return { tables: await transactionWrites(database) }
  })
}

/** A COMMIT in the middle would keep a half of it. */
function refuseTransactions(file: string, text: string, statements: readonly ParsedStatement[]): void {
  const found = statements.find(({ tree }) => as('TransactionStmt', tree) !== undefined)
  if (!found) return
  const line = text.slice(0, found.start).split('\n').length
  throw new OpsError({
    code: 'seed-transaction',
    message: `${file} line ${line} begins or ends a transaction, and a seed runs in one of its own.`,
    hint: 'Leave BEGIN, COMMIT and ROLLBACK out of the file.',
    exit: 2,
    where: { file, line },
  })
}

function failed(error: unknown, at: Parameters<typeof placeOf>[1]): unknown {
  const told = serverError(error)
  const explained = explain(error)
  if (!told || !(explained instanceof OpsError) || explained.exit === 3) return explained
  const where = placeOf(told, at)
  return new OpsError({
    code: 'seed-failed',
    message: `${at.file} line ${where.line}: ${sentence(told.message)}`,
    hint: told.hint ?? 'Nothing of the file was kept. Correct that statement and run it again.',
    sqlstate: told.code,
    where,
    cause: error,
  })
}
