import { Argument } from 'commander'
import type { Command } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import { OpsError } from '../errors.ts'
import { positive } from '../options.ts'
import { line } from '../output/blocks.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { askingOptions } from '../stats/asking.ts'
import { describe, sessionToStop, stopSession } from '../stats/cancel.ts'

interface CancelOptions {
  readonly pid: number
  readonly terminate?: boolean
}

interface CancelResult {
  readonly pid: number
  readonly cancelled: boolean
  readonly terminated: boolean
  readonly user: string | null
  readonly application: string | null
  /** What it ran, as far as our role may see it. */
  readonly query: string | null
}

export const cancel: Command<CancelOptions, CancelResult> = {
  options(cli) {
    cli
      .addArgument(new Argument('<pid>', 'the session, as stats blocking names it').argParser(positive))
      .option('--terminate', 'end the session and its transaction, not only what it runs')
  },

  async run(context, { pid, terminate = false }) {
    const project = await findProject(context)
    const options = { ...askingOptions(context), command: 'cancel' }
    return withProjectDatabase(context, project, options, async database => {
      const session = await sessionToStop(database, pid, terminate)
      const what = terminate ? 'This ends session' : 'This cancels what is run by session'
      await askConsentOn(
        context,
        project?.ops ?? {},
        database.identity,
        `${what} ${describe(session)}${shown(session.query)}.`,
      )
      const { user, application, query } = session
      if (!(await stopSession(database, session, terminate))) throw goesOn(pid, terminate)
      return { pid, cancelled: true, terminated: terminate, user, application, query }
    })
  },

  view: ({ pid, terminated, query }) => [
    line(
      `${terminated ? 'Ended session' : 'Cancelled what was run by session'} ${pid}${shown(query)}.`,
      'good',
    ),
  ],
}

function shown(query: string | null): string {
  return query ? `: ${query}` : ''
}

function goesOn(pid: number, terminate: boolean): OpsError {
  return new OpsError({
    code: 'goes-on',
    message: `Session ${pid} was told to stop and has not done so within five seconds, or it was gone before.`,
    hint: terminate
      ? 'Look again: drizzle-ops stats activity.'
      : `Look again with drizzle-ops stats activity, or end it: drizzle-ops cancel ${pid} --terminate.`,
  })
}
