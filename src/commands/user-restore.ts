import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { withPlatform } from '../platform/platform.ts'
import { restoreUser, type User } from '../platform/services/users.ts'

interface UserRestoreOptions {
  readonly id: string
  readonly dryRun?: boolean
}

interface UserResult {
  readonly dryRun: boolean
  readonly user: User
}

export const userRestore: Command<UserRestoreOptions, UserResult> = {
  options(cli) {
    cli.argument('<id>', "the user's id").option('--dry-run', 'restore them and take it back')
  },

  run: (context, { id, dryRun = false }) =>
    withPlatform(context, { command: 'user restore' }, async ({ db, by }) => ({
      dryRun,
      user: await performed(db, dryRun, tx => restoreUser(tx, id, by)),
    })),

  view: ({ dryRun, user: { id, email } }) => [
    line(`User ${id} (${email}) ${dryRun ? 'would be' : 'is'} there again.`, 'good'),
  ],
}
