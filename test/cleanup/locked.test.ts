import { describe, expect, it } from 'vitest'
import { type Cleaning, type CleanupDocument, cleaning } from '../support/cleaning.ts'
import type { TestDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { freshRole } from '../support/roles.ts'
import type { PostgresMajor } from '../support/runtimes.ts'
import { majors } from '../support/shared-servers.ts'

const policies = { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } }
const SESSIONS = `
  CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz);
  CREATE INDEX ON sessions (expires_at);
  INSERT INTO sessions SELECT n, now() + (n - 400.5) * interval '1 minute' FROM generate_series(1, 1000) n`

/** Runs `work` while another session holds what these statements lock. */
async function whileLocked<T>({ sql }: TestDatabase, statements: string, work: () => Promise<T>): Promise<T> {
  const other = await sql.reserve()
  try {
    await other.unsafe(`BEGIN; ${statements}`)
    return await work()
  } finally {
    await other`ROLLBACK`
    other.release()
  }
}

const expired = async ({ sql }: TestDatabase) =>
  (await sql<{ id: number }[]>`SELECT id FROM sessions WHERE id <= 400 ORDER BY id`).map(({ id }) => id)

/** The same cleanup by a role that has these rights on `sessions` and no others. */
async function cleanedBy(
  { database, root }: Cleaning,
  major: PostgresMajor,
  ...rights: readonly string[]
): Promise<CleanupDocument> {
  const role = await freshRole('password', major)
  for (const right of rights) await database.sql.unsafe(`GRANT ${right} ON sessions TO ${role.name}`)
  const url = new URL(database.url)
  url.username = role.name
  url.password = role.password
  const outcome = await ops(['cleanup', '--yes', '--json', '--url', url.href], { cwd: root })
  expect(outcome.code, `${outcome.stdout}${outcome.stderr}`).toBe(0)
  return documentOf<CleanupDocument>(outcome)
}

describe.each(majors())('on PostgreSQL %i', major => {
  it.each([
    ['that may delete and no more, which no row lock is granted to', ['SELECT, DELETE']],
    ['that may update a column, and so lock rows', ['SELECT, DELETE', 'UPDATE (id)']],
  ])('a role %s passes over locked rows', async (_, rights) => {
    const here = await cleaning(major, policies, SESSIONS)
    const { policies: done } = await whileLocked(
      here.database,
      'SELECT FROM sessions WHERE id IN (1, 2, 200, 201, 399) FOR KEY SHARE',
      () => cleanedBy(here, major, ...rights),
    )
    expect(done).toMatchObject([{ matched: 400, deleted: 395, skippedLocked: 5, stoppedBy: null }])
    expect(await expired(here.database)).toEqual([1, 2, 200, 201, 399])
    expect((await cleanedBy(here, major, ...rights)).policies).toMatchObject([
      { matched: 5, deleted: 5, skippedLocked: 0 },
    ])
  })

  it('rows are passed over whose children somebody has locked', async () => {
    const { database, cleaned } = await cleaning(
      major,
      policies,
      `${SESSIONS};
       CREATE TABLE tabs (id int PRIMARY KEY, session_id int REFERENCES sessions ON DELETE CASCADE);
       CREATE INDEX ON tabs (session_id);
       INSERT INTO tabs SELECT n, n FROM generate_series(1, 1000) n`,
    )
    const { policies: done } = await whileLocked(
      database,
      'SELECT FROM tabs WHERE id IN (7, 300) FOR UPDATE',
      () => cleaned(),
    )
    expect(done).toMatchObject([{ matched: 400, deleted: 398, cascaded: 398, skippedLocked: 2 }])
    expect(await expired(database)).toEqual([7, 300])
  })

  it('rows of one instant are passed over as well, in however many batches', async () => {
    const { database, cleaned } = await cleaning(
      major,
      policies,
      `${SESSIONS}; UPDATE sessions SET expires_at = '2020-01-01' WHERE id <= 400`,
    )
    const { policies: done } = await whileLocked(
      database,
      'SELECT FROM sessions WHERE id IN (5, 6, 250) FOR UPDATE',
      () => cleaned('--batch-size', '30'),
    )
    expect(done).toMatchObject([{ matched: 400, deleted: 397, skippedLocked: 3 }])
    expect(await expired(database)).toEqual([5, 6, 250])
  })
  it.each([
    [
      'a child',
      'CREATE TABLE tabs (id int PRIMARY KEY, session_id int REFERENCES sessions ON DELETE CASCADE)',
    ],
    [
      'a child in partitions',
      `CREATE TABLE tabs (id int PRIMARY KEY, session_id int REFERENCES sessions ON DELETE SET NULL) PARTITION BY RANGE (id);
       CREATE TABLE tabs_1 PARTITION OF tabs FOR VALUES FROM (0) TO (10000)`,
    ],
  ])('nothing is passed over where somebody makes an index on %s', async (_, tabs) => {
    const { database, cleanup, cleaned } = await cleaning(
      major,
      policies,
      `${SESSIONS}; ${tabs}; CREATE INDEX ON tabs (session_id); INSERT INTO tabs SELECT n, n FROM generate_series(1, 1000) n`,
    )
    const held = await whileLocked(database, 'LOCK TABLE tabs IN SHARE MODE', () =>
      cleanup('--json', '--lock-timeout', '50ms'),
    )
    expect(held.code).toBe(5)
    expect(documentOf(held)).toMatchObject({ error: { sqlstate: '55P03' } })
    expect(await expired(database)).toHaveLength(400)
    expect((await cleaned()).policies).toMatchObject([{ deleted: 400, cascaded: 400, skippedLocked: 0 }])
  })
})
