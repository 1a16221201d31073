import type { Command } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import { positive } from '../options.ts'
import { line } from '../output/blocks.ts'
import { withPlatform } from '../platform/platform.ts'
import { countUselessSessions, purgeSessions } from '../platform/services/sessions.ts'

interface SessionPurgeOptions {
  readonly idleDays?: number
  readonly dryRun?: boolean
}

interface SessionPurgeResult {
  readonly dryRun: boolean
  readonly purged: number
}

export const sessionPurge: Command<SessionPurgeOptions, SessionPurgeResult> = {
  options(cli) {
    cli
      .option('--idle-days <n>', 'also those without a sign of life for so many days', positive)
      .option('--dry-run', 'count only')
  },

  run: (context, { idleDays, dryRun = false }) =>
    withPlatform(context, { command: 'session purge' }, async ({ db, database, project, by }) => {
      const useless = await countUselessSessions(db, { idleDays })
      if (dryRun || useless === 0) return { dryRun, purged: useless }
      const which = idleDays === undefined ? 'expired' : `expired or idle for ${idleDays} days`
      await askConsentOn(
        context,
        project.ops,
        database.identity,
        `${useless} sessions are ${which} and deleted.`,
      )
      return { dryRun, purged: await purgeSessions(db, { idleDays }, by) }
    }),

  view: ({ dryRun, purged }) => [
    line(dryRun ? `Nothing was deleted; ${purged} would be.` : `Deleted ${purged}.`, 'good'),
  ],
}
