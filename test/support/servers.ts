import { join } from 'node:path'
import { type ServerAddress, urlOf } from './address.ts'
import { copyBinaries, isReachable, postgresBinaries } from './binaries.ts'
import { createCluster } from './cluster.ts'
import { configure, type Settings } from './configuration.ts'
import { rootFolder } from './folders.ts'
import { freePort } from './port.ts'
import { type StopMode, startPostmaster } from './postmaster.ts'
import type { PostgresMajor } from './runtimes.ts'
import { watch } from './watchdog.ts'

export interface ServerOptions {
  readonly major: PostgresMajor
  /** Lines of postgresql.conf that come last. */
  readonly settings?: Settings
  readonly tls?: boolean
}

export interface TestServer extends ServerAddress {
  /** Another one after a restart. */
  readonly pid: number
  readonly dataDirectory: string
  readonly logFile: string
  url(database?: string, user?: string): string
  restart(mode?: StopMode): Promise<void>
  /** Ends the server and removes all of it. */
  stop(mode?: StopMode): Promise<void>
}

/** Starts a server on 127.0.0.1 and on a Unix socket. It ends with this process at the latest. */
export async function startServer({ major, settings = {}, tls = true }: ServerOptions): Promise<TestServer> {
  const installed = await postgresBinaries(major)
  const reachable = isReachable(installed)
  // Memory may be mounted so that nothing can be executed from it.
  const root = await rootFolder(reachable)
  const remove = watch(root)
  try {
    const native = reachable ? installed : await copyBinaries(installed, root)
    const port = await freePort()
    await createCluster(major, native, root)
    await configure({ root, port, tls, settings })
    return await serve({ major, host: '127.0.0.1', port, socketDirectory: root }, native, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

async function serve(
  address: ServerAddress,
  native: string,
  remove: () => Promise<void>,
): Promise<TestServer> {
  const root = address.socketDirectory
  let postmaster = await startPostmaster(native, root)
  return {
    ...address,
    dataDirectory: join(root, 'data'),
    logFile: join(root, 'log'),
    get pid() {
      return postmaster.pid
    },
    url: (database, user) => urlOf(address, database, user),
    async restart(mode = 'fast') {
      await postmaster.stop(mode)
      postmaster = await startPostmaster(native, root)
    },
    async stop(mode = 'fast') {
      await postmaster.stop(mode)
      await remove()
    },
  }
}
