import type { Command } from '../command.ts'
import { withDatabase } from '../database/database.ts'
import { port } from '../options.ts'
import { line } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'
import { withTarget } from '../session.ts'
import { credentialsOf } from '../studio/credentials.ts'
import { runStudio, type Studio } from '../studio/studio.ts'

interface StudioOptions {
  readonly port?: number
}

const PROBE = { command: 'studio', settings: { statementTimeout: 0, lockTimeout: 0, readOnly: true } }

export const studio: Command<StudioOptions, Studio> = {
  options(cli) {
    cli.option('--port <port>', 'listen here (default: a free one)', port)
  },

  async run(context, { port }) {
    const project = await openProject(context)
    context.report.progress('Starting drizzle-kit studio')
    await withTarget(context, project, async target => {
      // what is wrong with the connection is told by us, not by drizzle-kit
      const encrypted = await withDatabase(context, target, PROBE, async ({ server }) => server.encrypted)
      const credentials = credentialsOf(target, encrypted)
      await runStudio(context, project, credentials, port, started => context.publish(started))
    })
    return undefined
  },

  view: ({ url, version }) => [
    line(`drizzle-kit ${version} studio: ${url}`, 'good'),
    line('  on this machine only; Ctrl-C ends it.', 'dim'),
  ],
}
