import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { OpsError } from '../../errors.ts'
import { dataDirectoryOf, type Home } from './home.ts'
import type { Installation } from './installation.ts'
import { logFileOf, openLog, readLog, tailOf } from './log.ts'
import { host } from './port.ts'
import { readPostmaster } from './postmaster.ts'
import { hasArgument } from './process.ts'
import { explainSpawn } from './run.ts'

/** Milliseconds between two looks at `postmaster.pid`; a start takes about 20. */
const pollInterval = 5

/** What another command's server, or the remains of a killed one, make a server say before it gives up. */
const passing =
  /lock file .* (already exists|is empty)|pre-existing shared memory block|could not bind IPv4 address/

/**
 * Starts a server that outlives this process, and waits until it is ready, or has given way to another one's.
 * Which of the two, the caller sees in the data directory.
 *
 * @param deadline in milliseconds of `Date.now()`.
 * @throws OpsError `embedded-start` with the end of the log.
 */
export async function startServer(
  home: Home,
  installation: Installation,
  options: { port: number; deadline: number },
): Promise<void> {
  const { file, start } = await openLog(home)
  try {
    const server = await launch(home, installation, options.port, file.fd)
    const exited = await untilReadyOrGone(server, home, options.deadline)
    const said = exited ? await readLog(home, start) : ''
    if (exited && !passing.test(said)) throw couldNotStart(home, 'stopped at once', said)
  } finally {
    await file.close()
  }
}

/** The error of a server that does not come up. */
export function couldNotStart(home: Home, how: string, log: string): OpsError {
  return new OpsError({
    code: 'embedded-start',
    message: `The embedded PostgreSQL server ${how}. The end of ${logFileOf(home)}:\n${tailOf(log)}`,
    hint: 'drizzle-ops dev reset starts over with an empty database; or set DATABASE_URL.',
  })
}

async function launch(
  home: Home,
  installation: Installation,
  port: number,
  log: number,
): Promise<ChildProcess> {
  const args = ['-D', dataDirectoryOf(home), '-p', String(port)]
  args.push('-c', `listen_addresses=${host}`, '-c', 'unix_socket_directories=')
  const server = spawn(installation.postgres, args, {
    ...home.user,
    cwd: home.directory,
    detached: true,
    env: { ...installation.environment, ...(await strangerInLockFile(home)) },
    stdio: ['ignore', log, log],
    windowsHide: true,
  })
  await once(server, 'spawn').catch(error => {
    throw explainSpawn(installation.postgres, error)
  })
  server.unref()
  return server
}

/**
 * The lock file of a killed server may hold a process id that lives again as something else, for which
 * postgres would not start. pg_ctl names ids that mean nothing in this variable; all other checks stay,
 * such as that no process has the old shared memory: src/backend/utils/init/miscinit.c, CreateLockFile.
 */
async function strangerInLockFile(home: Home): Promise<Record<string, string>> {
  const dataDirectory = dataDirectoryOf(home)
  const found = await readPostmaster(dataDirectory)
  if (found === undefined || (await hasArgument(found.pid, dataDirectory))) return {}
  return { PG_GRANDPARENT_PID: String(found.pid) }
}

/** True where the server is gone. */
async function untilReadyOrGone(server: ChildProcess, home: Home, deadline: number): Promise<boolean> {
  while (server.exitCode === null && server.signalCode === null && Date.now() < deadline) {
    const found = await readPostmaster(dataDirectoryOf(home))
    if (found?.pid === server.pid && found?.status === 'ready') return false
    await sleep(pollInterval)
  }
  return server.exitCode !== null || server.signalCode !== null
}
