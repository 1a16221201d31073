import type { Sql } from 'postgres'
import type { Target } from '../../project/target.ts'
import { superuser } from './cluster.ts'
import { removeFolder } from './files.ts'
import { dataDirectoryOf, findHome, openHome } from './home.ts'
import { joinServer } from './join.ts'
import { host } from './port.ts'
import { leaveLast } from './session.ts'
import { stopNow, stopWhenIdle } from './stop.ts'
import { keepUrl } from './url.ts'

/** A running server, kept up by the session of whoever joined it. */
export interface EmbeddedServer {
  readonly target: Target
  /** With the password: for the environment of children only, never for arguments or output. */
  readonly url: string
  readonly dataDirectory: string
  /** Of the server, such as `18.4`. */
  readonly version: string
  /** Ends the session; the last to leave stops the server. */
  leave(): Promise<void>
  /** Stops the server, whoever uses it, and waits until it is gone. */
  stop(): Promise<void>
}

/**
 * Joins the embedded server of a project, and makes and starts it where necessary: 0.9 s the first time,
 * 0.04 s later.
 *
 * @param options.port where the server has to be started; one that runs keeps its port.
 * @throws OpsError `embedded-missing`, `-unsupported`, `-binaries`, `-user`, `-home`, `-not-yours`, `-initdb`,
 * `-start`, `-port`, `-password`.
 */
export async function joinEmbeddedServer(
  projectRoot: string,
  options: { port?: number } = {},
): Promise<EmbeddedServer> {
  const home = await openHome(projectRoot)
  const { sql, port, password, version } = await joinServer(projectRoot, home, options.port)
  const dataDirectory = dataDirectoryOf(home)
  const url = `postgresql://${superuser}:${password}@${host}:${port}/postgres`
  await keepUrl(home, url).catch(async error => {
    await leave(sql, projectRoot, dataDirectory)
    throw error
  })
  return {
    target: targetAt(port, password),
    url,
    dataDirectory,
    version,
    leave: () => leave(sql, projectRoot, dataDirectory),
    stop: async () => {
      await sql.end({ timeout: 0 })
      await stopNow(projectRoot, dataDirectory)
    },
  }
}

/** Keeps the embedded server of a project up while `work` runs. Errors as `joinEmbeddedServer`. */
export async function withEmbeddedServer<T>(
  projectRoot: string,
  work: (server: EmbeddedServer) => Promise<T>,
): Promise<T> {
  const server = await joinEmbeddedServer(projectRoot)
  try {
    return await work(server)
  } finally {
    await server.leave()
  }
}

/**
 * Stops the embedded server of a project, whoever uses it, and waits until it is gone. False where none runs.
 *
 * @throws OpsError `embedded-not-yours`, `embedded-stop`.
 */
export async function stopEmbeddedServer(projectRoot: string): Promise<boolean> {
  const home = await findHome(projectRoot)
  return home !== undefined && stopNow(projectRoot, dataDirectoryOf(home))
}

/**
 * Stops the embedded server of a project and deletes its databases, for ever. Port and password stay, so that
 * a copied URL works with the next one. Errors as when stopping.
 */
export async function removeEmbeddedServer(projectRoot: string): Promise<void> {
  const home = await findHome(projectRoot)
  if (home === undefined) return
  await stopNow(projectRoot, dataDirectoryOf(home))
  await removeFolder(dataDirectoryOf(home))
}

async function leave(sql: Sql, projectRoot: string, dataDirectory: string): Promise<void> {
  try {
    if (await leaveLast(sql)) await stopWhenIdle(projectRoot, dataDirectory)
  } catch {
    // The server is gone or going, which is all that leaving wants.
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function targetAt(port: number, password: string): Target {
  return {
    addresses: [{ host, port }],
    database: 'postgres',
    user: superuser,
    password: () => password,
    tls: { mode: 'disable' },
    sessionAttrs: 'any',
    source: 'embedded',
  }
}
