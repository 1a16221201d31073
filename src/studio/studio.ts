import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../command.ts'
import { freePort } from '../database/embedded/port.ts'
import { OpsError } from '../errors.ts'
import { findKit } from '../kit/find.ts'
import { schemaFiles } from '../kit/schema-files.ts'
import type { Project } from '../project/project.ts'

export interface Studio {
  /** What to open in a browser. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** Of drizzle-kit. */
  readonly version: string
}

/** Nobody else's network reaches it: whoever does can read and write the whole database. */
const HOST = '127.0.0.1'
const VARIABLE = 'DRIZZLE_OPS_STUDIO'

/**
 * Runs the project's drizzle-kit studio on the connection, in a process of its own, and `started` once it listens.
 * Returns when it has ended, which it does with the context's signal at the latest.
 * Throws OpsError `drizzle-kit`, exit 2, where there is none, and `studio` where it ends by itself.
 */
export async function runStudio(
  context: Context,
  project: Project,
  credentials: object,
  port: number | undefined,
  started: (studio: Studio) => Promise<void>,
): Promise<void> {
  const { bin, version } = findKit(project, {
    what: 'The studio is a part of drizzle-kit',
    failed: 'could not start the studio',
  })
  const chosen = await freePort(port)
  const folder = await mkdtemp(join(tmpdir(), 'drizzle-ops-studio-'))
  try {
    const config = join(folder, 'drizzle.config.ts')
    await writeFile(config, await configText(context, project), { mode: 0o600 })
    const child = spawn(
      process.execPath,
      [bin, 'studio', `--config=${config}`, `--host=${HOST}`, `--port=${chosen}`],
      {
        cwd: project.root,
        env: { ...context.env, [VARIABLE]: JSON.stringify(credentials) },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    await watched(context, child, async () => {
      await listening(chosen, context.signal)
      const url = `https://local.drizzle.studio?port=${chosen}&host=${HOST}`
      await started({ url, host: HOST, port: chosen, version })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The project's config but for its connection, which the environment holds. */
async function configText(context: Context, project: Project): Promise<string> {
  const { casing, schemaFilter, tablesFilter } = project.config
  const fixed = {
    dialect: 'postgresql',
    schema: await schemaFiles(context, project),
    ...(casing && { casing }),
    ...(schemaFilter && { schemaFilter }),
    ...(tablesFilter && { tablesFilter }),
  }
  return `export default { ...${JSON.stringify(fixed)}, dbCredentials: JSON.parse(process.env.${VARIABLE} as string) }\n`
}

async function watched(context: Context, child: ChildProcess, ready: () => Promise<void>): Promise<void> {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      context.report.notice(text.trim())
    })
  const ended = new Promise<void>(resolve => child.on('exit', () => resolve()))
  const stop = () => child.kill()
  context.signal.addEventListener('abort', stop)
  try {
    await Promise.race([ready(), ended.then(() => refuse(context, said))])
    await ended
    refuse(context, said)
  } finally {
    context.signal.removeEventListener('abort', stop)
    child.kill()
    await ended
  }
}

/** A studio that ends without having been told to has failed. */
function refuse({ signal }: Context, said: string): void {
  if (signal.aborted) return
  const lines = said.split('\n').filter(line => line.trim() !== '')
  throw new OpsError({
    code: 'studio',
    message: `drizzle-kit studio has ended by itself: ${lines.at(-1) ?? 'it said nothing'}`,
    hint: 'See all that it says with --verbose.',
    exit: 1,
  })
}

/** Milliseconds between two attempts. */
const PAUSE = 100

async function listening(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await accepts(port))) await sleep(PAUSE)
}

async function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, HOST)
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
}
