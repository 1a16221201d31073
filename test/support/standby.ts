import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterTest } from './cleanup.ts'
import { connect } from './client.ts'
import { startServer, type TestServer } from './servers.ts'
import { newestMajor } from './shared-servers.ts'

/** A server that `prepare` has written to and that takes no more writes: a standby whose primary is gone. */
export async function startStandby(prepare: (server: TestServer) => Promise<void>): Promise<TestServer> {
  const server = await startServer({ major: newestMajor() })
  await prepare(server)
  await writeFile(join(server.dataDirectory, 'standby.signal'), '')
  // a standby never says that it is ready in the way that a restart waits for
  const restarted = server.restart().catch(() => undefined)
  afterTest(async () => {
    await server.stop('immediate')
    await restarted
  })
  for (;;) {
    const sql = connect(server.url(), 1)
    try {
      const [row] = await sql<{ standby: boolean }[]>`SELECT pg_is_in_recovery() AS standby`
      if (row?.standby) return server
    } catch {
      await sleep(20)
    } finally {
      await sql.end({ timeout: 0 })
    }
  }
}
