import type { Command } from '../command.ts'
import { line, table } from '../output/blocks.ts'
import { declarePaging, footer, type PagingOptions, pageOf } from '../platform/paging.ts'
import { withPlatform } from '../platform/platform.ts'
import { listActiveSessions } from '../platform/services/sessions.ts'
import { wordsOf } from '../platform/words-of.ts'

interface SessionListOptions extends PagingOptions {
  readonly user?: string
}

interface SessionListResult {
  readonly sessions: Awaited<ReturnType<typeof listActiveSessions>>['rows']
  readonly next: string | null
  readonly total?: number
}

export const sessionList: Command<SessionListOptions, SessionListResult> = {
  options(cli) {
    declarePaging(cli)
    cli.option('--user <id>', 'of this user only')
  },

  run: (context, { user, ...paging }) =>
    withPlatform(context, { command: 'session list', readOnly: true }, async ({ db }) => {
      const { rows, ...rest } = await listActiveSessions(db, { userId: user }, pageOf(paging))
      return { sessions: rows, ...rest }
    }),

  view: ({ sessions, next, total }) => [
    table(
      [
        { key: 'id', title: 'id' },
        { key: 'userId', title: 'user' },
        { key: 'expiresAt', title: 'expires', minor: true },
        { key: 'lastActiveAt', title: 'last active', minor: true },
        { key: 'ipAddress', title: 'address', minor: true },
        { key: 'userAgent', title: 'agent', minor: true },
      ],
      sessions.map(session => ({ cells: wordsOf(session) })),
    ),
    line(footer(sessions.length, next, total), 'dim'),
  ],
}
