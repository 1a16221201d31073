import { type Block, type Column, line, type Row, table } from '../output/blocks.ts'
import { bytes } from '../output/words.ts'
import { strongest } from '../sql/modes.ts'
import type { Finding } from './plan.ts'
import type { PlannedStatement, TableSize } from './plan-statements.ts'
import type { MovedSequence, RehearsedFile, RehearsedStatement } from './rehearse.ts'
import type { RehearsalEnd } from './rehearse-limits.ts'

/** A plan, or a rehearsal's measurements, for people. */
export interface ShownPlan {
  readonly plan: readonly RehearsedFile[]
  readonly findings: readonly Finding[]
  readonly end: RehearsalEnd | null
  readonly sequences: readonly MovedSequence[]
}

const COLUMNS: readonly Column[] = [
  { key: 'name', title: 'migration' },
  { key: 'line', title: 'line' },
  { key: 'sql', title: 'statement' },
  { key: 'locks', title: 'locks' },
  { key: 'does', title: 'rewrites, scans' },
  { key: 'tables', title: 'live size' },
  { key: 'ms', title: 'time', unit: 'milliseconds' },
]

/** The strongest lock stops reads: a row that takes it is told apart. */
const STOPS_READS = 'AccessExclusiveLock'
const SPACE = /\s+/g
const LONGEST_SQL = 100

export function viewPlan({ plan, findings, end, sequences }: ShownPlan): Block[] {
  return [
    table(
      COLUMNS,
      plan.flatMap(file => file.statements.map(statement => rowOf(file, statement))),
    ),
    ...findings.flatMap(({ message, hint }) => [
      line(`would refuse: ${message}`, 'bad'),
      line(`  → ${hint}`),
    ]),
    ...(end ? [line(`not rehearsable from ${end.from} on: ${end.reason}`, 'warn')] : []),
    ...sequences.map(({ sequence, from, to }) =>
      line(`sequence ${sequence} moved from ${from ?? 'unused'} to ${to}`, 'dim'),
    ),
    line(`${count(plan.length, 'migration')} pending; nothing was changed.`, 'dim'),
  ]
}

function rowOf(file: RehearsedFile, statement: RehearsedStatement): Row {
  const stopsReads = statement.locks.some(({ mode, created }) => mode === STOPS_READS && !created)
  return {
    cells: {
      name: `${file.name}${file.transaction === 'none' ? ' (no transaction)' : ''}`,
      line: statement.line,
      sql: shortened(statement.sql.replace(SPACE, ' ').trim()),
      locks: lockWords(statement).join(', '),
      does: effects(statement).join(', '),
      tables: statement.tables.map(sizeWords).join(', '),
      ms: statement.ms,
    },
    ...(stopsReads && { tone: 'warn' }),
  }
}

/** The strongest lock on each table: its indexes follow it, and what the run has made harms nobody. */
function lockWords({ locks }: PlannedStatement): string[] {
  const tables = locks.filter(({ kind, created }) => kind !== 'index' && !created)
  return [...new Set(tables.map(({ relation }) => relation))].map(relation => {
    const modes = tables.filter(lock => lock.relation === relation).map(({ mode }) => mode)
    return `${strongest(modes).replace('Lock', '')} on ${relation}`
  })
}

function effects({ rewrites, scans, notAnalysed }: PlannedStatement): string[] {
  return [
    ...rewrites.map(relation => `rewrites ${relation}`),
    ...scans.map(relation => `scans ${relation}`),
    ...notAnalysed.map(reason => `not analysed: ${reason}`),
  ]
}

function sizeWords({ relation, bytes: size, rows }: TableSize): string {
  const known = [...(size === null ? [] : [bytes(size)]), ...(rows === null ? [] : [`~${rows} rows`])]
  return `${relation} ${known.join(', ') || 'unknown'}`
}

function shortened(sql: string): string {
  return sql.length > LONGEST_SQL ? `${sql.slice(0, LONGEST_SQL - 1)}…` : sql
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
