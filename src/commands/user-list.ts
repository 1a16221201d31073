import { Option } from 'commander'
import type { Command } from '../command.ts'
import { line, table } from '../output/blocks.ts'
import { declarePaging, footer, type PagingOptions, pageOf } from '../platform/paging.ts'
import { withPlatform } from '../platform/platform.ts'
import { listUsers } from '../platform/services/user-lists.ts'
import { wordsOf } from '../platform/words-of.ts'

interface UserListOptions extends PagingOptions {
  readonly search?: string
  readonly deleted?: 'also' | 'only'
}

interface UserListResult {
  readonly users: Awaited<ReturnType<typeof listUsers>>['rows']
  readonly next: string | null
  readonly total?: number
}

export const userList: Command<UserListOptions, UserListResult> = {
  options(cli) {
    declarePaging(cli)
    cli
      .option('--search <text>', 'part of the e-mail address or of the name')
      .addOption(
        new Option('--deleted [which]', 'those deleted softly as well, or only those')
          .choices(['also', 'only'])
          .preset('also'),
      )
  },

  run: (context, { search, deleted, ...paging }) =>
    withPlatform(context, { command: 'user list', readOnly: true }, async ({ db }) => {
      const { rows, ...rest } = await listUsers(db, { search, deleted }, pageOf(paging))
      return { users: rows, ...rest }
    }),

  view: ({ users, next, total }) => [
    table(
      [
        { key: 'id', title: 'id' },
        { key: 'email', title: 'e-mail' },
        { key: 'name', title: 'name', minor: true },
        { key: 'lastLoginAt', title: 'last login', minor: true },
        { key: 'createdAt', title: 'created', minor: true },
        { key: 'deletedAt', title: 'deleted', minor: true },
      ],
      users.map(user => ({ cells: wordsOf(user), ...(user.deletedAt && { tone: 'dim' }) })),
    ),
    line(footer(users.length, next, total), 'dim'),
  ],
}
