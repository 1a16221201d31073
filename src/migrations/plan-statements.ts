import { tableBytes } from '../catalog/table-bytes.ts'
import type { Database } from '../database/database.ts'
import { type Analysis, analyse } from '../sql/analyse.ts'
import { type Lock, qualified } from '../sql/draft.ts'
import { unlessLocked } from '../sql/facts.ts'
import type { Applied, MigrationScript } from './apply.ts'
import type { HistoryTable } from './history.ts'
import type { Statement } from './script.ts'

export interface PlannedFile {
  readonly name: string
  readonly transaction: Applied['transaction']
  readonly statements: readonly PlannedStatement[]
}

export interface PlannedStatement {
  /** As failures count them: pieces of the file that are sent as they are. */
  readonly n: number
  readonly line: number
  readonly sql: string
  readonly locks: readonly PlannedLock[]
  readonly rewrites: readonly string[]
  readonly scans: readonly string[]
  /** The tables among the locked ones that stand there already. */
  readonly tables: readonly TableSize[]
  /** What analysis cannot see, in words. Empty: the locks are all that there are. */
  readonly notAnalysed: readonly string[]
}

export interface PlannedLock extends Lock {
  /** Whether an earlier statement of the same transaction has taken it. */
  readonly held: boolean
}

export interface TableSize {
  readonly relation: string
  /** With indexes and TOAST; null where somebody keeps the table locked. */
  readonly bytes: number | null
  /** As estimated; null before the first ANALYZE. */
  readonly rows: number | null
}

export interface PlannedScripts {
  readonly files: readonly PlannedFile[]
  /** Of each file, and of each of its statements. */
  readonly analyses: readonly (readonly Analysis[])[]
}

/** The plan of files that have been read. */
export async function planScripts(
  database: Database,
  history: HistoryTable,
  scripts: readonly MigrationScript[],
  transaction: 'file' | 'all',
): Promise<PlannedScripts> {
  if (scripts.length === 0) return { files: [], analyses: [] }
  const analyses = await analyse(
    database,
    scripts.map(({ script }) => script.statements.map(({ text }) => text)),
  )
  const sizes = await sizesOf(database, analyses.flat())
  const held = new Set<string>()
  const files = scripts.map((file, index): PlannedFile => {
    const mode = file.script.mode === 'file' ? transaction : 'none'
    if (mode !== 'all') held.clear()
    return {
      name: file.migration.name,
      transaction: mode,
      statements: file.script.statements.map((statement, position) => {
        if (mode === 'none') held.clear()
        return planStatement(file, statement, analyses[index]?.[position], { sizes, held, history })
      }),
    }
  })
  return { files, analyses }
}

interface Surroundings {
  readonly sizes: ReadonlyMap<string, number>
  /** The locks of the transaction so far, as `mode relation`. */
  readonly held: Set<string>
  readonly history: HistoryTable
}

function planStatement(
  { text }: MigrationScript,
  statement: Statement,
  analysis: Analysis | undefined,
  { sizes, held, history }: Surroundings,
): PlannedStatement {
  const { locks = [], rewrites = [], scans = [], tables = [], notAnalysed = [] } = analysis?.effects ?? {}
  const start = statement.offset + (analysis?.statements[0]?.start ?? 0)
  const planned = locks
    .filter(({ relation }) => !isHistory(relation, history))
    .map(lock => ({ ...lock, held: held.has(`${lock.mode} ${lock.relation}`) }))
  for (const { mode, relation } of locks) held.add(`${mode} ${relation}`)
  return {
    n: statement.number,
    line: text.slice(0, start).split('\n').length,
    sql: statement.text.trim(),
    locks: planned,
    rewrites,
    scans,
    tables: tables
      .filter(({ relation }) => !isHistory(relation, history))
      .map(({ relation, rows, holders }) => ({
        relation,
        rows,
        bytes: sum(holders.map(oid => sizes.get(oid))),
      })),
    notAnalysed,
  }
}

/** The runner locks drizzle's own table in any case. */
export function isHistory(relation: string, { schema, table }: HistoryTable): boolean {
  return [table, `${table}_pkey`, `${table}_id_seq`].some(name => relation === qualified({ schema, name }))
}

function sum(numbers: readonly (number | undefined)[]): number | null {
  return numbers.reduce<number | null>(
    (total, each) => (total === null || each === undefined ? null : total + each),
    0,
  )
}

/** By the number of the table. One that somebody keeps locked is left out. */
async function sizesOf(database: Database, analyses: readonly Analysis[]): Promise<Map<string, number>> {
  const tables = [
    ...new Set(analyses.flatMap(({ effects }) => effects.tables.flatMap(({ holders }) => holders))),
  ]
  const together = await unlessLocked(database, () => tableBytes(database, tables))
  if (together) return together
  const sizes = new Map<string, number>()
  for (const table of tables) {
    const alone = await unlessLocked(database, () => tableBytes(database, [table]))
    for (const [oid, bytes] of alone ?? []) sizes.set(oid, bytes)
  }
  return sizes
}
