import type { Command } from '../command.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { asking, askingOptions } from '../stats/asking.ts'
import { askedBy, declareFlags, type StatsFlags } from '../stats/flags.ts'
import { reportNamed, reportsOf } from '../stats/reports.ts'
import { runReport, type StatsResult } from '../stats/run.ts'
import { viewReport } from '../stats/view.ts'

interface StatsOptions extends StatsFlags {
  readonly report: string
}

export const stats: Command<StatsOptions, StatsResult> = {
  options(cli) {
    cli.argument('[report]', 'which one: drizzle-ops stats list', 'overview')
    declareFlags(cli)
  },

  async run(context, options) {
    const project = await findProject(context)
    const report = reportNamed(await reportsOf(project), options.report)
    return withProjectDatabase(context, project, askingOptions(context), database =>
      runReport(asking(database), report, askedBy(options)),
    )
  },

  view: viewReport,
}
