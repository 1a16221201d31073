import type { Command } from '../command.ts'
import { table } from '../output/blocks.ts'
import { findProject } from '../project/project.ts'
import { reportsOf } from '../stats/reports.ts'

interface ListedReport {
  readonly name: string
  readonly summary: string
  readonly reads: readonly string[]
  readonly needs: string | null
  /** The keys of its rows; empty where the rows tell. */
  readonly columns: readonly string[]
}

interface StatsListResult {
  readonly reports: readonly ListedReport[]
}

export const statsList: Command<object, StatsListResult> = {
  options() {},

  async run(context) {
    const reports = await reportsOf(await findProject(context))
    return {
      reports: reports.map(({ name, summary, reads, needs, columns }) => ({
        name,
        summary,
        reads,
        needs,
        columns: columns.map(({ key }) => key),
      })),
    }
  },

  view: ({ reports }) => [
    table(
      [
        { key: 'name', title: 'report' },
        { key: 'summary', title: 'answers' },
        { key: 'reads', title: 'reads', minor: true },
        { key: 'needs', title: 'needs', minor: true },
      ],
      reports.map(({ name, summary, reads, needs }) => ({
        cells: { name, summary, reads: reads.join(', '), needs },
      })),
    ),
  ],
}
