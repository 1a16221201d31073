import { type Listed, listPolicies } from '../cleanup/suggest.ts'
import type { Command } from '../command.ts'
import { line, table } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'

interface CleanupListResult {
  readonly policies: readonly Listed[]
}

export const cleanupList: Command<object, CleanupListResult> = {
  options() {},

  async run(context) {
    const project = await openProject(context)
    const { statementTimeout = 10_000, lockTimeout = 100 } = context.globals
    const settings = { statementTimeout, lockTimeout, readOnly: true }
    return withProjectDatabase(context, project, { command: 'cleanup list', settings }, async database => ({
      policies: await listPolicies(database, project),
    }))
  },

  view: ({ policies }) => [
    table(
      [
        { key: 'name', title: 'policy' },
        { key: 'table', title: 'table' },
        { key: 'column', title: 'column' },
        { key: 'olderThan', title: 'older than' },
        { key: 'expired', title: 'expired' },
        { key: 'oldest', title: 'for', unit: 'milliseconds' },
        { key: 'lastRun', title: 'last run', minor: true },
        { key: 'source', title: 'from', minor: true },
      ],
      policies.map(({ configured, ...cells }) => ({
        cells: { ...cells, source: configured ? 'ops.cleanup' : 'a suggestion' },
        tone: configured ? 'good' : 'dim',
      })),
    ),
    ...(policies.length === 0
      ? [line('There are no policies under ops.cleanup, and no column that tells when a row expires.', 'dim')]
      : []),
    ...(policies.some(({ paste }) => paste !== null)
      ? [line('To have what is suggested cleaned up, add to ops.cleanup:', 'strong')]
      : []),
    ...policies.flatMap(({ paste }) => (paste === null ? [] : [line(`  ${paste}`)])),
  ],
}
