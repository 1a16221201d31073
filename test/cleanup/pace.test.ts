import { describe, expect, it } from 'vitest'
import { firstPace, lockingPace, nextPace, smaller } from '../../src/cleanup/pace.ts'
import { cleaning } from '../support/cleaning.ts'
import { newestMajor } from '../support/shared-servers.ts'

describe('how many rows a batch takes', () => {
  const free = { batchSize: undefined, keepsRows: false }
  const pace = { size: 1000, locking: 0 }
  const quiet = { matched: 1000, waiting: 0 }

  it('begins with a thousand, or as many as are asked for', () => {
    expect(firstPace(undefined)).toEqual({ size: 1000, locking: 0 })
    expect(firstPace(20)).toEqual({ size: 20, locking: 0 })
  })

  it('is what takes 150 ms, but no more than twice as many as before', () => {
    expect(nextPace(pace, { ...quiet, ms: 100 }, free).size).toBe(1500)
    expect(nextPace(pace, { ...quiet, ms: 1 }, free).size).toBe(2000)
    expect(nextPace(pace, { ...quiet, ms: 1500 }, free).size).toBe(100)
    expect(nextPace({ ...pace, size: 90_000 }, { ...quiet, matched: 90_000, ms: 1 }, free).size).toBe(100_000)
    expect(nextPace(pace, { ...quiet, ms: 60_000 }, free).size).toBe(50)
  })

  it('is never more than asked for, nor than an archive may keep in memory', () => {
    expect(
      nextPace({ ...pace, size: 20 }, { ...quiet, matched: 20, ms: 1 }, { ...free, batchSize: 20 }).size,
    ).toBe(20)
    const large = { ...pace, size: 4000 }
    expect(nextPace(large, { ...quiet, matched: 4000, ms: 1 }, { ...free, keepsRows: true }).size).toBe(5000)
  })

  it('is half where somebody waits', () => {
    expect(nextPace(pace, { ...quiet, ms: 1, waiting: 2 }, free).size).toBe(500)
    expect(nextPace({ ...pace, size: 60 }, { ...quiet, ms: 1, waiting: 1 }, free).size).toBe(50)
    expect(smaller({ size: 1, locking: 0 })).toEqual({ size: 1, locking: 0 })
  })

  it('locks rows first for the ten batches behind one that met a locked row', () => {
    const sizes = [lockingPace(pace)]
    while ((sizes.at(-1)?.locking ?? 0) > 0)
      sizes.push(nextPace(sizes.at(-1) ?? pace, { ...quiet, ms: 150 }, free))
    expect(sizes.map(({ locking }) => locking)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  })
})

it('takes fewer rows while somebody waits for one of them', async () => {
  const { database, cleaned } = await cleaning(
    newestMajor(),
    { events: { table: 'events', column: 'at', olderThan: '1d' } },
    // each batch tells how many rows it took; the first stays until somebody waits for it
    `CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at);
     INSERT INTO events SELECT n, now() + (n - 1000) * interval '1 hour' FROM generate_series(1, 1000) n;
     CREATE TABLE batches (n serial, rows bigint);
     CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       INSERT INTO batches (rows) SELECT count(*) FROM gone;
       WHILE (SELECT count(*) FROM batches) = 1
         AND NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) LOOP
         PERFORM pg_sleep(0.01);
       END LOOP;
       RETURN NULL;
     END $$;
     CREATE TRIGGER told AFTER DELETE ON events REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION told()`,
  )
  const running = cleaned('--allow', 'large', '--batch-size', '200')
  const working = () => database.sql`
    SELECT FROM pg_stat_activity WHERE application_name = 'drizzle-ops cleanup' AND datname = current_database() AND wait_event = 'PgSleep'`
  await expect.poll(working).toHaveLength(1)
  await database.sql`UPDATE events SET at = now() WHERE id = 1`
  expect((await running).policies).toMatchObject([{ deleted: 976 }])
  const rows = await database.sql<{ rows: string }[]>`SELECT rows FROM batches ORDER BY n LIMIT 2`
  expect(rows.map(row => Number(row.rows))).toEqual([200, 100])
})
