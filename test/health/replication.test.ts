import { setTimeout as sleep } from 'node:timers/promises'
import type { Row, Sql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { configured, deepHealth } from '../support/health.ts'
import { startServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'
import { rowsOf } from '../support/stats.ts'
import { startStreamingStandby } from '../support/streaming.ts'

const project = () => configured({ replication: { warn: 1, critical: 3600 } })

describe.each(majors().filter(major => major >= 15))('a standby of PostgreSQL %i', major => {
  it('is not behind a primary that has nothing to do, until it is', async () => {
    const primary = await startServer({ major })
    afterTest(() => primary.stop('immediate'))
    const writing = own(primary.url())
    await writing`CREATE ROLE visitor LOGIN`
    await writing`CREATE TABLE t (id int)`
    const standby = await startStreamingStandby(primary)
    const reading = own(standby.url())
    await writing`INSERT INTO t VALUES (0)`
    await caughtUp(writing, reading)
    const verdict = async (role = 'postgres') => {
      const { checks } = await deepHealth(standby.url('postgres', role), ['--only', 'replication'], project())
      return checks.map(({ status, message, fix }) => ({ status, message, fix }))
    }
    const keepsUp = [{ status: 'ok', message: 'Replication keeps up.', fix: null }]

    await sleep(1200)
    const [naive] = await reading`
      SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS seconds`
    expect(naive?.seconds).toBeGreaterThan(1)
    expect(await verdict()).toEqual(keepsUp)
    expect(await verdict('visitor')).toEqual(keepsUp)
    expect(await rowsOf(standby.url(), 'replication')).toMatchObject([
      { kind: 'receiver', state: 'streaming', active: true, lagBytes: 0, lagMs: 0 },
    ])
    expect(await rowsOf(primary.url(), 'replication')).toMatchObject([
      { kind: 'standby', name: 'walreceiver', state: 'streaming', sync: 'async', lagBytes: 0 },
    ])

    await reading`SELECT pg_wal_replay_pause()`
    await writing`INSERT INTO t VALUES (1)`
    await received(writing, reading)
    expect(await verdict()).toEqual([
      {
        status: 'warn',
        message: expect.stringMatching(
          /^This standby is \d+(ms|\.\ds|s) behind its primary, and replay is paused\.$/,
        ),
        fix: 'SELECT pg_wal_replay_resume();',
      },
    ])
    await reading`SELECT pg_wal_replay_resume()`
    await caughtUp(writing, reading)
    expect(await verdict()).toEqual(keepsUp)

    await writing.end()
    await primary.stop('immediate')
    await expect
      .poll(async () => (await verdict())[0]?.message, { timeout: 10_000 })
      .toBe('This standby has no connection to its primary: what is read here grows old.')
  })

  it('does not take what is on its way just now for as old as what came before', async () => {
    const primary = await startServer({ major })
    afterTest(() => primary.stop('immediate'))
    const writing = own(primary.url())
    await writing`CREATE TABLE t (id int)`
    const standby = await startStreamingStandby(primary)
    const reading = own(standby.url())
    await writing`INSERT INTO t VALUES (0)`
    await caughtUp(writing, reading)
    await reading`ALTER SYSTEM SET recovery_min_apply_delay = '900ms'`
    await reading`SELECT pg_reload_conf()`
    await sleep(1200)
    await writing`INSERT INTO t VALUES (1)`
    await received(writing, reading)
    const { checks } = await deepHealth(standby.url(), ['--only', 'replication'], project())
    expect(checks).toMatchObject([{ status: 'ok', message: 'Replication keeps up.' }])
  })
})

function own(url: string): Sql {
  const sql = connect(url, 1)
  afterTest(() => sql.end({ timeout: 0 }))
  return sql
}

/** The standby has all that the primary has written. */
function received(primary: Sql, standby: Sql): Promise<void> {
  return until(primary, () => standby`SELECT pg_last_wal_receive_lsn()::text AS lsn`)
}

/** And has replayed it. */
function caughtUp(primary: Sql, standby: Sql): Promise<void> {
  return until(primary, () => standby`SELECT pg_last_wal_replay_lsn()::text AS lsn`)
}

async function until(primary: Sql, place: () => PromiseLike<Row[]>): Promise<void> {
  await expect
    .poll(
      async () => {
        const [there] = await place()
        const [row] = await primary`SELECT ${there?.lsn}::pg_lsn >= pg_current_wal_lsn() AS there`
        return row?.there
      },
      { interval: 10, timeout: 10_000 },
    )
    .toBe(true)
}
