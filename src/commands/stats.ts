import { InvalidArgumentError } from 'commander'
import type { Command } from '../command.ts'
import { duration } from '../options.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { asking, askingOptions } from '../stats/asking.ts'
import { askedBy, declareFlags, type StatsFlags } from '../stats/flags.ts'
import { reportNamed, reportsOf } from '../stats/reports.ts'
import { runReport, type StatsResult } from '../stats/run.ts'
import { viewReport } from '../stats/view.ts'

interface StatsOptions extends StatsFlags {
  readonly report: string
  /** In milliseconds; true for the usual interval. */
  readonly watch?: number | true
}

const USUAL_INTERVAL = 2000
/** Oftener than this a look would mostly see the looks before it. */
const SHORTEST_INTERVAL = 500
const SECONDS = /^\d+(\.\d+)?$/

export const stats: Command<StatsOptions, StatsResult> = {
  options(cli) {
    cli.argument('[report]', 'which one: drizzle-ops stats list', 'overview')
    cli.option(
      '--watch [seconds]',
      'look again every so often (2), and show what the counters grew by',
      interval,
    )
    declareFlags(cli)
  },

  async run(context, options) {
    const project = await findProject(context)
    const report = reportNamed(await reportsOf(project), options.report)
    return withProjectDatabase(context, project, askingOptions(context), async database => {
      const ask = () => runReport(asking(database), report, askedBy(options, context.globals.format))
      if (options.watch === undefined) return ask()
      const { watch } = await import('../stats/watch.ts')
      await watch(context, report, options.watch === true ? USUAL_INTERVAL : options.watch, ask)
      return undefined
    })
  },

  view: viewReport,
}

/** Seconds, or a duration with its unit. */
function interval(text: string): number {
  const ms = SECONDS.test(text) ? Number(text) * 1000 : duration(text)
  if (ms < SHORTEST_INTERVAL) throw new InvalidArgumentError('Half a second is the shortest interval.')
  return ms
}
