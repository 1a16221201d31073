import { expect, it } from 'vitest'
import { CATALOGUE } from '../../src/stats/catalogue.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase } from '../support/databases.ts'
import { pgBouncerMissing, startPgBouncer } from '../support/pgbouncer.ts'
import { ops } from '../support/program.ts'
import { newestMajor } from '../support/shared-servers.ts'
import { reportOf } from '../support/stats.ts'

const reason = pgBouncerMissing()
if (reason) process.stderr.write(`Skipped: stats behind a transaction pooler. ${reason}\n`)

it.skipIf(reason)('keeps to its timeouts behind a transaction pooler, and leaves nothing there', async () => {
  const database = await freshDatabase()
  const pool = await startPgBouncer({ major: newestMajor(), mode: 'transaction', size: 1 })
  const url = pool.url(database.name)
  await database.sql`CREATE TABLE t (id serial PRIMARY KEY)`
  for (const { name } of CATALOGUE) await reportOf(url, name)
  const pooled = connect(url, 1)
  afterTest(() => pooled.end())
  expect(
    await pooled`SELECT current_setting('lock_timeout') AS waits, current_setting('statement_timeout') AS runs, current_setting('default_transaction_read_only') AS reads`,
  ).toEqual([{ waits: '0', runs: '0', reads: 'off' }])
  await pooled.end()
  const sampled = await ops(['stats', '--json', '--sample', '600ms', '--url', url])
  expect(sampled).toMatchObject({ code: 0, stderr: '' })
  const { stderr } = await ops(['stats', 'tables', '--verbose', '--url', url])
  expect(stderr).toMatch(/BEGIN READ ONLY; SET LOCAL statement_timeout = 15000; SET LOCAL lock_timeout = 100/)
})
