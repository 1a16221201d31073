import { expect, it } from 'vitest'
import { type CleanupDocument, cleaning } from '../support/cleaning.ts'
import { documentOf, ops } from '../support/program.ts'
import { busyWith } from '../support/sessions.ts'
import { newestMajor } from '../support/shared-servers.ts'

it('drops no further partition once a signal has come', async () => {
  const { database, root, cleaned } = await cleaning(
    newestMajor(),
    { events: { table: 'events', column: 'at', olderThan: '30d', dropPartitions: true } },
    `CREATE TABLE events (id int, at timestamp NOT NULL) PARTITION BY RANGE (at);
     CREATE TABLE events_2001 PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
     CREATE TABLE events_2002 PARTITION OF events FOR VALUES FROM ('2002-01-01') TO ('2003-01-01');
     CREATE TABLE events_now PARTITION OF events FOR VALUES FROM ('2003-01-01') TO (MAXVALUE);
     CREATE INDEX ON events (at);
     INSERT INTO events SELECT n, '2001-05-05'::date + n * 10 FROM generate_series(1, 40) n;
     INSERT INTO events SELECT n, now() FROM generate_series(1, 100) n; ANALYZE events`,
  )
  const reader = await database.sql.reserve()
  await reader`BEGIN`
  await reader`SELECT FROM events_2001`
  const stopped = await ops(['cleanup', '--yes', '--json', '--lock-timeout', '20s', '--url', database.url], {
    cwd: root,
    interrupt: {
      signal: 'SIGTERM',
      after: async () => {
        await busyWith(database.sql, 'DETACH PARTITION')
        setTimeout(() => void reader`COMMIT`.execute(), 200)
      },
    },
  })
  reader.release()
  expect(stopped.code, stopped.stderr).toBe(143)
  expect(documentOf<CleanupDocument>(stopped).policies).toMatchObject([
    { droppedPartitions: ['public.events_2001'], stoppedBy: 'signal' },
  ])
  expect((await cleaned()).policies).toMatchObject([
    { droppedPartitions: ['public.events_2002'], resumed: true, stoppedBy: null },
  ])
})
