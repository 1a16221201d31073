import { randomUUID } from 'node:crypto'
import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { performed } from '../platform/dry-run.ts'
import { facts } from '../platform/facts.ts'
import { withPlatform } from '../platform/platform.ts'
import { createUser, type User } from '../platform/services/users.ts'
import { email } from '../platform/values.ts'
import { wordsOf } from '../platform/words-of.ts'

interface UserCreateOptions {
  readonly email: string
  readonly name?: string
  readonly id?: string
  readonly dryRun?: boolean
}

interface UserResult {
  readonly dryRun: boolean
  readonly user: User
}

export const userCreate: Command<UserCreateOptions, UserResult> = {
  options(cli) {
    cli
      .requiredOption('--email <address>', 'unique in any case', email)
      .option('--name <name>', 'their name')
      .option('--id <id>', 'default: a random uuid')
      .option('--dry-run', 'make them and take them back')
  },

  run: (context, { email, name, id = randomUUID(), dryRun = false }) =>
    withPlatform(context, { command: 'user create' }, async ({ db, by }) => ({
      dryRun,
      user: await performed(db, dryRun, tx => createUser(tx, { id, email, name }, undefined, by)),
    })),

  view: ({ dryRun, user }) => [
    ...facts(wordsOf(user)),
    line(dryRun ? 'Nothing was made; this would be.' : `Made user ${user.id}.`, 'good'),
  ],
}
