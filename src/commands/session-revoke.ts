import { Option } from 'commander'
import type { Command } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import { OpsError } from '../errors.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { type Platform, withPlatform } from '../platform/platform.ts'
import type { Db } from '../platform/services/db.ts'
import { revokeSession, revokeSessionsOf } from '../platform/services/sessions.ts'

interface SessionRevokeOptions {
  readonly id?: string
  readonly user?: string
  readonly dryRun?: boolean
}

interface SessionRevokeResult {
  readonly dryRun: boolean
  readonly revoked: number
}

export const sessionRevoke: Command<SessionRevokeOptions, SessionRevokeResult> = {
  options(cli) {
    cli
      .argument('[id]', "the session's id")
      .addOption(new Option('--user <id>', 'all sessions of this user instead'))
      .option('--dry-run', 'revoke and take it back')
  },

  async run(context, { id, user, dryRun = false }) {
    if ((id === undefined) === (user === undefined)) throw oneOfTheTwo()
    return withPlatform(context, { command: 'session revoke' }, async ({ db, database, project, by }) => {
      const whose = user === undefined ? `Session ${id} is` : `All sessions of user ${user} are`
      if (!dryRun) await askConsentOn(context, project.ops, database.identity, `${whose} revoked.`)
      return { dryRun, revoked: await performed(db, dryRun, tx => revoke(tx, { id, user }, by)) }
    })
  },

  view: ({ dryRun, revoked }) => [
    line(dryRun ? `Nothing was revoked; ${revoked} would be.` : `Revoked ${revoked}.`, 'good'),
  ],
}

async function revoke(
  tx: Db,
  { id = '', user }: { readonly id: string | undefined; readonly user: string | undefined },
  by: Platform['by'],
): Promise<number> {
  if (user !== undefined) return revokeSessionsOf(tx, user, by)
  await revokeSession(tx, id, by)
  return 1
}

function oneOfTheTwo(): OpsError {
  return new OpsError({
    code: 'usage',
    message: "A session's id, or --user: one of the two says what to revoke.",
    hint: 'drizzle-ops session list shows them.',
    exit: 2,
  })
}
