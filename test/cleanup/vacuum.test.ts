import { expect, it } from 'vitest'
import { type CleanupDocument, cleaning } from '../support/cleaning.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'

const policies = { events: { table: 'events', column: 'at', olderThan: '1d' } }
const EVENTS = `
  CREATE TABLE events (id int PRIMARY KEY, at timestamptz) WITH (autovacuum_enabled = off);
  CREATE INDEX ON events (at);
  INSERT INTO events SELECT n, CASE WHEN n <= 40 THEN now() - interval '2 days' ELSE now() END FROM generate_series(1, 100) n;
  ANALYZE events`

it('frees the room of what has gone, and says that somebody kept it from that', async () => {
  const { database, cleaned } = await cleaning(newestMajor(), policies, EVENTS)
  const other = await database.sql.reserve()
  await other`BEGIN`
  await other`LOCK TABLE events IN SHARE UPDATE EXCLUSIVE MODE`
  expect((await cleaned('--max-rows', '30')).policies).toMatchObject([
    { deleted: 30, vacuum: 'not-worthwhile' },
  ])
  expect((await cleaned()).policies).toMatchObject([{ deleted: 10, vacuum: 'locked' }])
  await other`ROLLBACK`
  other.release()
  const dead = async () =>
    (await database.sql`SELECT relpages, reltuples FROM pg_class WHERE oid = 'events'::regclass`)[0]
  expect(await dead()).toMatchObject({ reltuples: 100 })

  await database.sql`UPDATE events SET at = '2020-01-01' WHERE id <= 70`
  expect((await cleaned()).policies).toMatchObject([{ deleted: 30, vacuum: 'done' }])
  expect(await dead()).toMatchObject({ reltuples: 30 })
})

it('leaves less than a tenth of the rows to autovacuum', async () => {
  const { cleaned } = await cleaning(
    newestMajor(),
    policies,
    `${EVENTS}; UPDATE events SET at = now() WHERE id > 9`,
  )
  expect((await cleaned()).policies).toMatchObject([{ deleted: 9, vacuum: 'not-worthwhile' }])
})

it('leaves rows of dropped partitions out of account', async () => {
  const { cleaned } = await cleaning(
    newestMajor(),
    { events: { table: 'events', column: 'at', olderThan: '30d', dropPartitions: true } },
    `CREATE TABLE events (id int, at timestamp NOT NULL) PARTITION BY RANGE (at);
     CREATE TABLE events_2001 PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
     CREATE TABLE events_now PARTITION OF events FOR VALUES FROM ('2002-01-01') TO (MAXVALUE);
     CREATE INDEX ON events (at);
     INSERT INTO events SELECT n, '2001-05-05' FROM generate_series(1, 40) n;
     INSERT INTO events SELECT n, CASE WHEN n <= 5 THEN '2020-01-01' ELSE now() END FROM generate_series(1, 100) n; ANALYZE events`,
  )
  expect((await cleaned()).policies).toMatchObject([
    { deleted: 45, droppedPartitions: ['public.events_2001'], vacuum: 'not-worthwhile' },
  ])
})

it('is done, whatever the functions of an index have to say meanwhile', async () => {
  const { cleaned, database } = await cleaning(
    newestMajor(),
    policies,
    `${EVENTS}; CREATE SEQUENCE said;
     CREATE FUNCTION talkative(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
       PERFORM pg_catalog.nextval('public.said'); RAISE WARNING 'computing %', id; RETURN id;
     END $$;
     CREATE INDEX ON events (talkative(id)); ALTER SEQUENCE said RESTART`,
  )
  expect((await cleaned()).policies).toMatchObject([{ deleted: 40, vacuum: 'done' }])
  expect(await database.sql`SELECT FROM said WHERE is_called`).toHaveLength(1)
})

it.each(majors())(
  'is for whoever may on PostgreSQL %i: the owner of the database, and MAINTAIN',
  async major => {
    const { database, root } = await cleaning(major, policies, EVENTS)
    const role = await freshRole('password', major)
    await database.sql.unsafe(`GRANT SELECT, DELETE ON events TO ${role.name}`)
    const url = new URL(database.url)
    url.username = role.name
    url.password = role.password
    const vacuumed = async () => {
      await database.sql`UPDATE events SET at = '2020-01-01' WHERE id IN (SELECT id FROM events LIMIT 20)`
      const outcome = await ops(['cleanup', '--yes', '--json', '--allow', 'large', '--url', url.href], {
        cwd: root,
      })
      return documentOf<CleanupDocument>(outcome).policies.map(({ vacuum }) => vacuum)
    }
    expect(await vacuumed()).toEqual(['not-owner'])
    if (major >= 17) {
      await database.sql.unsafe(`GRANT MAINTAIN ON events TO ${role.name}`)
      expect(await vacuumed()).toEqual(['done'])
      await database.sql.unsafe(`REVOKE MAINTAIN ON events FROM ${role.name}`)
      expect(await vacuumed()).toEqual(['not-owner'])
    }
    await database.sql.unsafe(`ALTER DATABASE ${database.name} OWNER TO ${role.name}`)
    expect(await vacuumed()).toEqual(['done'])
  },
)
