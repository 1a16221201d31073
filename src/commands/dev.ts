import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Argument } from 'commander'
import type { Command, Context } from '../command.ts'
import { askConsent } from '../consent.ts'
import {
  joinEmbeddedServer,
  removeEmbeddedServer,
  stopEmbeddedServer,
} from '../database/embedded/embedded.ts'
import { dataDirectoryOf, findHome } from '../database/embedded/home.ts'
import { findPostmaster } from '../database/embedded/postmaster.ts'
import { port } from '../options.ts'
import { type Block, line } from '../output/blocks.ts'
import { findProject } from '../project/project.ts'

interface DevOptions {
  readonly action: 'start' | 'stop' | 'reset'
  readonly port?: number
}

interface DevResult {
  /** Without its password, which is in `urlFile`. */
  readonly url?: string
  readonly urlFile?: string
  readonly dataDir?: string
  readonly version?: string
  /** Whether it ran before. */
  readonly joined?: boolean
  readonly stopped?: boolean
  readonly reset?: boolean
}

export const dev: Command<DevOptions, DevResult> = {
  options(cli) {
    cli
      .addArgument(
        new Argument('[action]', 'what to do').choices(['start', 'stop', 'reset']).default('start'),
      )
      .option('--port <port>', 'listen here (default: the port of the last time, or a free one)', port)
  },

  async run(context, { action, port }) {
    const root = (await findProject(context))?.root ?? context.cwd
    if (action === 'stop') return { stopped: await stopEmbeddedServer(root) }
    if (action === 'reset') return reset(context, root)
    await serve(context, root, port)
    return undefined
  },

  view({ url, urlFile, dataDir, version, joined, stopped, reset }): Block[] {
    if (stopped !== undefined) return [line(stopped ? 'Stopped.' : 'No embedded server was running.')]
    if (reset) return [line('The embedded databases are deleted; the next command makes new ones.')]
    return [
      line(`PostgreSQL ${version} at ${url}`, 'good'),
      line(`  with its password: DATABASE_URL="$(cat ${urlFile})"`),
      line(`  data in ${dataDir}; Ctrl-C ${joined ? 'leaves it running, as it was' : 'stops it'}.`, 'dim'),
    ]
  },
}

async function reset(context: Context, root: string): Promise<DevResult> {
  await askConsent(context, `This deletes all databases of the embedded server of ${root}.`)
  await removeEmbeddedServer(root)
  return { reset: true }
}

/** Holds the server until a signal comes, which here is the ordinary end; a server that ran before stays. */
async function serve(context: Context, root: string, port: number | undefined): Promise<void> {
  const joined = await runs(root)
  context.report.progress('Starting the embedded PostgreSQL server')
  const server = await joinEmbeddedServer(root, port === undefined ? {} : { port })
  try {
    const [{ host, port: bound }] = server.target.addresses
    await context.publish({
      url: `postgresql://${server.target.user}@${host}:${bound}/${server.target.database}`,
      urlFile: join(dirname(server.dataDirectory), 'url'),
      dataDir: server.dataDirectory,
      version: server.version,
      joined,
    })
    await untilStopped(context, server.dataDirectory)
  } finally {
    if (joined) await server.leave()
    else await server.stop()
  }
}

async function runs(root: string): Promise<boolean> {
  const home = await findHome(root)
  return home !== undefined && (await findPostmaster(dataDirectoryOf(home))) !== undefined
}

/** Milliseconds between two looks at a server that somebody else may stop. */
const LOOK = 500

/** Returns at a signal, or when the server is gone. */
async function untilStopped({ signal, report }: Context, dataDirectory: string): Promise<void> {
  while (!signal.aborted) {
    if ((await findPostmaster(dataDirectory)) === undefined) {
      report.note(`The server has stopped; its log is ${join(dirname(dataDirectory), 'server.log')}.`)
      return
    }
    await sleep(LOOK, undefined, { signal }).catch(() => {})
  }
}
