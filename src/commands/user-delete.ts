import type { Command } from '../command.ts'
import { askConsentOn } from '../consent.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { withPlatform } from '../platform/platform.ts'
import { deleteUser, destroyUser, getUser, type User } from '../platform/services/users.ts'

interface UserDeleteOptions {
  readonly id: string
  readonly forGood?: boolean
  readonly dryRun?: boolean
}

interface UserDeleteResult {
  readonly dryRun: boolean
  readonly forGood: boolean
  readonly user: User
}

export const userDelete: Command<UserDeleteOptions, UserDeleteResult> = {
  options(cli) {
    cli
      .argument('<id>', "the user's id")
      .option('--for-good', 'with all their projects and sessions, instead of hiding them until restored')
      .option('--dry-run', 'delete them and take it back')
  },

  run: (context, { id, forGood = false, dryRun = false }) =>
    withPlatform(context, { command: 'user delete' }, async ({ db, by, database, project: { ops } }) => {
      const user = await getUser(db, id, { deleted: forGood })
      const fate = forGood ? 'is deleted for good, with all that is theirs' : 'is hidden until restored'
      if (!dryRun) await askConsentOn(context, ops, database.identity, `User ${id} (${user.email}) ${fate}.`)
      await performed(db, dryRun, async tx => {
        if (forGood) await destroyUser(tx, id, by)
        else await deleteUser(tx, id, by)
      })
      return { dryRun, forGood, user }
    }),

  view: ({ dryRun, forGood, user: { id, email } }) => [
    line(
      `${dryRun ? 'Nothing was deleted; this would be' : forGood ? 'Deleted for good' : 'Deleted'}: user ${id} (${email}).`,
      'good',
    ),
    ...(forGood || dryRun ? [] : [line(`Take it back: drizzle-ops user restore ${id}`, 'dim')]),
  ],
}
