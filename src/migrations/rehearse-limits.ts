import type { Node } from 'libpg-query'
import { serverError } from '../explain.ts'
import type { Analysis } from '../sql/analyse.ts'
import { as } from '../sql/tree.ts'
import type { MigrationScript } from './apply.ts'

/** Why nothing can be rehearsed from a file on. */
export interface RehearsalEnd {
  readonly from: string
  readonly reason: string
}

/** What would commit, or end, the transaction that the rehearsal lives in. SAVEPOINT and what belongs to it do not. */
const ENDS_TRANSACTION: readonly (string | undefined)[] = [
  'TRANS_STMT_BEGIN',
  'TRANS_STMT_START',
  'TRANS_STMT_COMMIT',
  'TRANS_STMT_ROLLBACK',
  'TRANS_STMT_PREPARE',
  'TRANS_STMT_COMMIT_PREPARED',
  'TRANS_STMT_ROLLBACK_PREPARED',
]

/** The first file that must not be run in somebody else's transaction. */
export function findEnd(
  files: readonly MigrationScript[],
  analyses: readonly (readonly Analysis[])[],
): RehearsalEnd | null {
  for (const [index, { migration, script }] of files.entries()) {
    const trees = (analyses[index] ?? []).flatMap(({ statements }) => statements.map(({ tree }) => tree))
    const reason =
      script.mode === 'none'
        ? 'it runs outside a transaction'
        : script.mode === 'own' || trees.some(endsTransaction)
          ? 'it begins or ends a transaction by itself'
          : undefined
    if (reason) return { from: migration.name, reason }
  }
  return null
}

function endsTransaction(tree: Node | undefined): boolean {
  const statement = as('TransactionStmt', tree)
  return statement !== undefined && ENDS_TRANSACTION.includes(statement.kind)
}

/** unsafe_new_enum_value_usage */
const NEEDS_COMMIT = '55P04'
/** out_of_memory, which is also what the server says when the table of all locks is full */
const NO_ROOM = '53200'

/** A failure that only the rehearsal has: the run itself commits between the files. */
export function needsCommit(
  error: unknown,
  { migration }: MigrationScript,
  analyses: readonly Analysis[],
  isFirst: boolean,
): RehearsalEnd | undefined {
  const failure = serverError(error)
  const from = migration.name
  if (failure?.code === NEEDS_COMMIT && !addsValue(failure.message, analyses))
    return { from, reason: `it uses what an earlier file must have committed (${failure.message})` }
  if (failure?.code === NO_ROOM && !isFirst)
    return { from, reason: 'all files in one transaction take more locks than the server has room for' }
  return undefined
}

/** Whether the file itself adds the value that it must not use yet. */
function addsValue(message: string, analyses: readonly Analysis[]): boolean {
  return analyses.some(({ statements }) =>
    statements.some(statement =>
      (statement.inner ?? [statement]).some(({ tree }) => {
        const value = as('AlterEnumStmt', tree)?.newVal
        return value !== undefined && message.includes(`"${value}"`)
      }),
    ),
  )
}
