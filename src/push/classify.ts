import type { Node } from 'libpg-query'
import { countRows, type TableRef } from '../catalog/row-counts.ts'
import type { Database } from '../database/database.ts'
import { type Analysis, analyse } from '../sql/analyse.ts'
import { as } from '../sql/tree.ts'
import { type Hazard, inOrder } from './hazards.ts'
import { judgeAlter } from './judge-alter.ts'
import { judgeDrop } from './judge-drop.ts'
import { judgeEffects, refOf } from './judge-effects.ts'
import { judgeEnum } from './judge-enum.ts'
import { judgeMove, judgeRename } from './judge-rename.ts'
import { type Counted, type Judging, originally, type Renamed, shown, tell } from './judging.ts'
import { madeBy } from './made.ts'
import type { Statements } from './plan.ts'

export interface PushStatement {
  readonly sql: string
  readonly hazards: readonly Hazard[]
  /** The tables it is about that hold rows, with how many; null where our role may not count them. */
  readonly tables: readonly { readonly table: string; readonly rows: number | null }[]
  /** What it does to what, in words; empty where there is nothing to say. */
  readonly reasons: readonly string[]
  /** Why it cannot succeed on what the tables hold; null where nothing is in its way. */
  readonly blocked: string | null
}

/** Rows up to which a table is read to say what it holds. */
const LARGE = 1_000_000

/** Judges each statement by PostgreSQL's own parse of it, what it does to others, and what the tables hold. Reads only. */
export async function classify(
  database: Database,
  plan: Pick<Statements, 'live' | 'wanted' | 'statements'>,
): Promise<PushStatement[]> {
  if (plan.statements.length === 0) return []
  const [analyses = []] = await analyse(database, [plan.statements])
  const made = new Set(analyses.flatMap(({ statements }) => statements.flatMap(({ tree }) => madeBy(tree))))
  const renamed: Renamed = { tables: new Map(), columns: new Map() }
  const counted = countedOf(database, renamed, analyses)
  const judged: PushStatement[] = []
  for (const [index, sql] of plan.statements.entries()) {
    const judging: Judging = {
      database,
      plan,
      made,
      counted,
      renamed,
      hazards: new Set(),
      reasons: new Set(),
      tables: new Map(),
      blocked: null,
    }
    const analysis = analyses[index]
    for (const { tree, reason } of analysis?.statements ?? []) {
      if (tree) await judge(judging, tree)
      else judging.blocked = `it cannot be parsed: ${reason}`
    }
    if (analysis) await judgeEffects(judging, analysis)
    judged.push({
      sql,
      hazards: inOrder(judging.hazards),
      tables: [...judging.tables].map(([table, rows]) => ({ table, rows })),
      reasons: [...judging.reasons],
      blocked: judging.blocked,
    })
  }
  return judged
}

function countedOf(database: Database, renamed: Renamed, analyses: readonly Analysis[]): Counted {
  const estimates = new Map(
    analyses.flatMap(({ effects }) =>
      effects.tables.map(({ relation, rows }) => [shown(refOf(relation)), rows ?? 0]),
    ),
  )
  const counts = new Map<string, Promise<number | null>>()
  const isLarge = (table: TableRef) => (estimates.get(shown(table)) ?? 0) > LARGE
  return {
    isLarge,
    rows(table) {
      const key = shown(table)
      const counting =
        counts.get(key) ??
        (isLarge(table)
          ? Promise.resolve(estimates.get(key) ?? null)
          : countRows(database, originally(renamed, table)))
      counts.set(key, counting)
      return counting
    },
  }
}

async function judge(judging: Judging, tree: Node): Promise<void> {
  const alter = as('AlterTableStmt', tree)
  if (alter) return judgeAlter(judging, alter)
  const drop = as('DropStmt', tree)
  if (drop) return judgeDrop(judging, drop)
  const type = as('CreateEnumStmt', tree)
  if (type) return judgeEnum(judging, type)
  const rename = as('RenameStmt', tree)
  if (rename) judgeRename(judging, rename)
  const move = as('AlterObjectSchemaStmt', tree)
  if (move) judgeMove(judging, move)
  if (as('DropRoleStmt', tree)) tell(judging, 'the role goes', 'drops-object')
  if (as('TruncateStmt', tree)) {
    tell(judging, 'the rows go', 'deletes-data')
    judging.blocked = 'push never truncates a table'
  }
}
