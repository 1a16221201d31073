import { execFile } from 'node:child_process'
import { appendFile, chown, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { serverAccount } from './account.ts'
import { afterTest } from './cleanup.ts'
import { connect } from './client.ts'
import { startServer, type TestServer } from './servers.ts'

const execute = promisify(execFile)

/** What a server has for itself: its configuration, and that it runs. */
const OWN = [
  'postgresql.conf',
  'postgresql.auto.conf',
  'pg_hba.conf',
  'postmaster.pid',
  'postmaster.opts',
  'pg_wal',
]

const PATIENCE = 15_000

/** A standby that follows `primary` until the test ends. Returns once it answers. PostgreSQL 15 or later. */
export async function startStreamingStandby(primary: TestServer): Promise<TestServer> {
  const standby = await startServer({
    major: primary.major,
    settings: { wal_receiver_status_interval: '1s' },
  })
  afterTest(() => standby.stop('immediate'))
  await takeOver(primary, standby)
  await writeFile(join(standby.dataDirectory, 'standby.signal'), '')
  await appendFile(
    join(standby.dataDirectory, 'postgresql.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres'\n`,
  )
  // a standby never says that it is ready in the way that a restart waits for
  const restarted = standby.restart('immediate').catch(() => undefined)
  afterTest(async () => {
    await standby.stop('immediate')
    await restarted
  })
  for (const deadline = Date.now() + PATIENCE; !(await answers(standby)); await sleep(20))
    if (Date.now() > deadline)
      throw new Error(`The standby does not follow:\n${await readFile(standby.logFile, 'utf8')}`)
  return standby
}

/** The standby's own cluster gives way to a copy of the primary's, as pg_basebackup would make it. */
async function takeOver(primary: TestServer, standby: TestServer): Promise<void> {
  const sql = connect(primary.url(), 1)
  await sql`SELECT pg_backup_start('standby', true)`
  for (const name of await readdir(primary.dataDirectory)) {
    if (OWN.includes(name)) continue
    await rm(join(standby.dataDirectory, name), { recursive: true, force: true })
    await execute('cp', ['-a', join(primary.dataDirectory, name), standby.dataDirectory])
  }
  for (const name of await readdir(join(standby.dataDirectory, 'pg_wal')))
    if (name.length === 24) await rm(join(standby.dataDirectory, 'pg_wal', name))
  const [backup] = await sql<{ labelfile: string }[]>`SELECT labelfile FROM pg_backup_stop(false)`
  await sql.end()
  const label = join(standby.dataDirectory, 'backup_label')
  await writeFile(label, backup?.labelfile ?? '')
  const account = serverAccount()
  if (account) await chown(label, account.uid, account.gid)
}

async function answers(standby: TestServer): Promise<boolean> {
  const sql = connect(standby.url(), 1)
  try {
    return (await sql`SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'`).length > 0
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 0 })
  }
}
