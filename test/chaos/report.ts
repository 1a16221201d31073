import { cpus } from 'node:os'
import type { Fault } from './faults.ts'
import type { Violation } from './judge.ts'
import type { Tool, ToolName } from './tools.ts'

export interface Outcome {
  readonly fault: string
  readonly tool: ToolName
  readonly violations: readonly Violation[]
}

/** For each fault: rounds, rounds with a violation, and of which kinds. A Markdown table that is a table in a terminal too. */
export function report(
  faults: readonly Fault[],
  tools: readonly Tool[],
  outcomes: readonly Outcome[],
  seed: string,
): string {
  const head = ['fault', ...tools.flatMap(({ name }) => [`${name}: rounds`, 'violated'])]
  const rows = faults.map(fault => [
    fault.name,
    ...tools.flatMap(tool =>
      cells(
        fault,
        tool,
        outcomes.filter(of => of.fault === fault.id && of.tool === tool.name),
      ),
    ),
  ])
  const total = [
    `${faults.length} faults`,
    ...tools.flatMap(({ name }) => counts(outcomes.filter(({ tool }) => tool === name))),
  ]
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
  const lines = table([head, head.map(() => '---'), ...rows, total])
  const reasons = faults.flatMap(fault => {
    const reason = fault.unavailable?.()
    return reason ? [`Skipped: ${fault.name}, because ${reason}.`] : []
  })
  return [
    `Seed ${seed}, ${new Date().toISOString().slice(0, 10)}, ${machine}`,
    '',
    ...lines,
    '',
    ...reasons,
    '',
  ].join('\n')
}

function cells(fault: Fault, tool: Tool, outcomes: readonly Outcome[]): string[] {
  if (fault.unavailable?.()) return ['skipped', '']
  if (fault.oursAlone && tool.name !== 'drizzle-ops') return ['–', '–']
  const [rounds = '', violated = ''] = counts(outcomes)
  const kinds = new Set(outcomes.flatMap(({ violations }) => violations.map(({ kind }) => kind)))
  return [rounds, kinds.size > 0 ? `${violated} (${[...kinds].join(', ')})` : violated]
}

function counts(outcomes: readonly Outcome[]): string[] {
  const violated = outcomes.filter(({ violations }) => violations.length > 0)
  return [String(outcomes.length), String(violated.length)]
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows.map(row => {
    const padded = row.map((cell, column) =>
      cell === '---' ? '-'.repeat(widths[column] ?? 3) : cell.padEnd(widths[column] ?? 0),
    )
    return `| ${padded.join(' | ')} |`
  })
}
