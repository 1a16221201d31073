import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { urlOf } from '../support/address.ts'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { stockRows } from '../support/drizzle.ts'
import { type MigrateDocument, migrate, migrated } from '../support/migrate.ts'
import { documentOf } from '../support/program.ts'
import { foldersProject, journalProject, type TestProject } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { busyWith } from '../support/sessions.ts'
import { admin, majors, sharedServer } from '../support/shared-servers.ts'
import { type Finished, run } from '../support/spawn.ts'

const rounds = Number(process.env.ROUNDS ?? 3)
const timeout = 20_000 + rounds * 20_000

const schema = {
  name: '0000_schema',
  sql: 'CREATE TABLE ran (file text); CREATE TABLE posts (id int, title text)',
}
const counting = (file: string) => ({
  name: file,
  sql: `INSERT INTO ran VALUES ('${file}');\n--> statement-breakpoint\nUPDATE posts SET id = id + 1;`,
})
const first = counting('0001_first')
const second = counting('0002_second')

describe.each(majors())('on PostgreSQL %i', major => {
  describe(`eight runs at once, ${rounds} times`, () => {
    const cases = {
      'on a fresh database': { layout: journalProject, before: [] },
      'on a fresh database, with the folders of drizzle 1.0': { layout: stamped, before: [] },
      'with one pending data migration': { layout: journalProject, before: [schema, first] },
      'with a table of drizzle 0.x that becomes one of 1.0': {
        layout: stamped,
        before: [schema, first].map((migration, second) => ({ ...migration, when: stampOf(second) })),
      },
    }
    it.each(Object.entries(cases))('%s', { timeout }, async (_, { layout, before }) => {
      const all = [schema, first, second]
      for (let round = 0; round < rounds; round += 1) {
        const database = await freshDatabase(major)
        if (before.length > 0) await migrated(journalProject(before), database)
        const here = layout(all)
        const runs = await Promise.all(Array.from({ length: 8 }, () => start(here, database)))
        expect(runs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(Array(8).fill(0))
        const applied = runs.flatMap(outcome => documentOf<MigrateDocument>(outcome).applied)
        expect(applied).toHaveLength(all.length - before.length)
        expect([...(await database.sql`SELECT file FROM ran ORDER BY file`)]).toEqual([
          { file: '0001_first' },
          { file: '0002_second' },
        ])
        expect(await stockRows(database.sql)).toHaveLength(3)
      }
    })
  })

  it('creates the database once, whichever of four runs comes first', async () => {
    const name = `new.${randomBytes(6).toString('hex')} "one"`
    const sql = admin(major)
    afterTest(async () => {
      await sql.unsafe(`DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`)
    })
    const url = urlOf(sharedServer(major), name)
    const here = journalProject([schema, first])
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => start(here, { url }, ['--create-database'])),
    )
    expect(runs.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual([0, 0, 0, 0])
    expect(runs.flatMap(outcome => documentOf<MigrateDocument>(outcome).applied)).toHaveLength(2)
    expect(await sql`SELECT FROM pg_database WHERE datname = ${name}`).toHaveLength(1)
    expect(runs.filter(({ stderr }) => stderr.includes(`Created the database ${name}\n`))).toHaveLength(1)
  })

  it('waits while the other run builds an index, and neither blocks the other for ever', async () => {
    const database = await freshDatabase(major)
    await migrated(journalProject([schema]), database)
    const index = { name: '0001_index', sql: 'CREATE INDEX CONCURRENTLY made ON posts (id)' }
    const here = journalProject([schema, index, second])
    const release = await holding(database, 'INSERT INTO posts VALUES (1)')
    const holder = start(here, database)
    const pid = await busyWith(database.sql, 'CREATE INDEX')
    const waiter = start(here, database)
    await expect.poll(() => waits(database), { timeout: 10_000 }).toBe(true)
    await release()

    expect(await holder).toMatchObject({ code: 0, stderr: 'Applying 0001_index\nApplying 0002_second\n' })
    const waited = await waiter
    expect(waited.code).toBe(0)
    expect(documentOf(waited)).toMatchObject({ applied: [], alreadyApplied: 3 })
    expect(waited.stderr).toMatch(
      new RegExp(
        `^Waiting for another run: pid ${pid} \\(drizzle-ops migrate, active since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ: CREATE INDEX CONCURRENTLY made ON posts \\(id\\)\\)\n$`,
      ),
    )
    expect([
      ...(await database.sql`SELECT indisvalid FROM pg_index WHERE indexrelid = 'made'::regclass`),
    ]).toEqual([{ indisvalid: true }])
  })

  it('does not wait with --lock-wait 0, and names the holder', async () => {
    const database = await freshDatabase(major)
    const here = journalProject([schema, { name: '0001_slow', sql: 'SELECT pg_sleep(2)' }])
    const holder = start(here, database)
    const pid = await busyWith(database.sql, 'pg_sleep')
    const refused = await start(here, database, ['--lock-wait', '0'])
    expect(refused.code).toBe(5)
    expect(documentOf(refused)).toMatchObject({
      applied: [],
      pending: ['0001_slow'],
      error: {
        code: 'lock-held',
        message: expect.stringContaining(`pid ${pid} (drizzle-ops migrate, active since `),
      },
      holders: [
        { pid, applicationName: 'drizzle-ops migrate', state: 'active', query: 'SELECT pg_sleep(2)' },
      ],
    })
    expect((await holder).code).toBe(0)
  })

  it('goes on where a run that died had stopped, though the journal is out of order', async () => {
    const database = await freshDatabase(major)
    const here = journalProject([
      { name: '0000_newest', sql: 'SELECT pg_sleep(1.5); CREATE TABLE a (id int)', when: 3000 },
      { name: '0001_slow', sql: 'SELECT pg_sleep(3); CREATE TABLE b (id int)', when: 1000 },
    ])
    const holder = start(here, database)
    const pid = await busyWith(database.sql, 'pg_sleep(1.5)')
    const waiter = start(here, database)
    await busyWith(database.sql, 'pg_sleep(3)')
    await database.sql`SELECT pg_terminate_backend(${pid})`
    expect((await holder).code).toBe(3)
    expect(await busyWith(database.sql, 'pg_sleep(3)')).not.toBe(pid)
    const finished = await waiter
    expect(finished.code, finished.stderr).toBe(0)
    expect(await stockRows(database.sql)).toHaveLength(2)
  })

  it.each(['SELECT pg_advisory_unlock_all()', 'DISCARD ALL'])(
    'goes no further once a file has let go of the lock with %s',
    async sql => {
      const database = await freshDatabase(major)
      const here = journalProject([schema, { name: '0001_careless', sql }, second])
      const { code, document } = await migrate(here, database)
      expect(code).toBe(1)
      expect(document).toMatchObject({
        applied: [{ name: '0000_schema' }, { name: '0001_careless' }],
        pending: ['0002_second'],
        error: {
          code: 'lock-lost',
          message: 'The migration lock was lost while the command was at work, so it goes no further.',
        },
      })
      expect(await migrated(here, database)).toMatchObject({ applied: [{ name: '0002_second' }] })
    },
  )

  describe('with a table that another session has locked', () => {
    const alter = {
      name: '0001_alter',
      sql: "INSERT INTO ran VALUES ('0001_alter');\n--> statement-breakpoint\nALTER TABLE posts ADD COLUMN body text",
    }

    it('tries the whole file again until the lock is free', async () => {
      const database = await freshDatabase(major)
      await migrated(journalProject([schema]), database)
      const release = await holding(database, 'LOCK TABLE posts')
      const waiting = start(journalProject([schema, alter]), database)
      await expect.poll(() => lockTimeouts(database, 2), { timeout: 15_000 }).toBe(true)
      await release()
      const { code, stderr } = await waiting
      expect(code, stderr).toBe(0)
      expect(stderr).toContain('Another session holds a lock; trying again for 60s (--lock-wait)\n')
      expect(stderr.match(/Applying/g)).toHaveLength(1)
      expect(await database.sql`SELECT FROM ran`).toHaveLength(1)
      expect(await stockRows(database.sql)).toHaveLength(2)
    })

    it('does so too where its role has one connection only', async () => {
      const database = await freshDatabase(major)
      const { name } = await freshRole(undefined, major)
      await database.sql.unsafe(`ALTER DATABASE ${database.name} OWNER TO ${name}; GRANT ALL ON SCHEMA public TO ${name};
        ALTER ROLE ${name} CONNECTION LIMIT 1`)
      const own = { ...database, url: database.url.replace('postgres@', `${name}@`) }
      await migrated(journalProject([schema]), own)
      const release = await holding(database, 'LOCK TABLE posts')
      const waiting = start(journalProject([schema, alter]), own)
      await expect.poll(() => lockTimeouts(database, 2), { timeout: 15_000 }).toBe(true)
      await release()
      const { code, stdout } = await waiting
      expect(code, stdout).toBe(0)
    })

    it('gives up after --lock-wait and leaves nothing', async () => {
      const database = await freshDatabase(major)
      await migrated(journalProject([schema]), database)
      const before = await database.dump()
      const release = await holding(database, 'LOCK TABLE posts')
      const outcome = await start(journalProject([schema, alter]), database, ['--lock-wait', '1s'])
      await release()
      expect(outcome.code).toBe(5)
      expect(documentOf(outcome)).toMatchObject({
        applied: [],
        pending: ['0001_alter'],
        error: { code: 'lock-timeout', sqlstate: '55P03', where: { statement: 2, line: 3 } },
      })
      expect(await database.dump()).toBe(before)
      expect(await database.sql`SELECT FROM ran`).toHaveLength(0)
    })

    it('lets readers through while it waits', async () => {
      const database = await freshDatabase(major)
      await migrated(journalProject([schema]), database)
      const release = await holding(database, 'INSERT INTO posts VALUES (1)')
      const waiting = start(journalProject([schema, alter]), database)
      await expect.poll(() => lockTimeouts(database, 1), { timeout: 15_000 }).toBe(true)
      for (let reader = 0; reader < 10; reader += 1) {
        await database.sql.begin(async sql => {
          await sql`SET LOCAL lock_timeout = '3s'`
          await sql`SELECT FROM posts`
        })
      }
      expect(await sessions(database)).toBeGreaterThan(0)
      await release()
      expect((await waiting).code).toBe(0)
    })
  })
})

/** As folders of 1.0, a second apart. */
function stamped(migrations: readonly { name: string; sql: string }[]): TestProject {
  return foldersProject(migrations.map(({ name, sql }) => ({ name: `2026010100${name}`, sql })))
}

function stampOf(second: number): number {
  return Date.UTC(2026, 0, 1, 0, 0, second)
}

function start(
  { root }: TestProject,
  { url }: Pick<TestDatabase, 'url'>,
  flags: readonly string[] = [],
): Promise<Finished> {
  return run(['migrate', '--json', '--url', url, ...flags], { cwd: root, timeout: 60_000 })
}

/** Keeps a transaction open that has run `statement`. */
async function holding({ url }: TestDatabase, statement: string): Promise<() => Promise<void>> {
  const sql = connect(url, 1)
  await sql.unsafe(`BEGIN; ${statement}`)
  return async () => {
    await sql.unsafe('COMMIT')
    await sql.end()
  }
}

async function sessions({ sql }: TestDatabase): Promise<number> {
  const found = await sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'drizzle-ops migrate'`
  return found.length
}

/** Whether a run has asked who holds the lock. */
async function waits({ sql }: TestDatabase): Promise<boolean> {
  const found = await sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'drizzle-ops migrate'
      AND query LIKE '%pg_locks AS held%' AND state = 'idle'`
  return found.length > 0
}

/** Whether a run has been turned away by a lock so many times: each rolls back. */
async function lockTimeouts({ sql, name }: TestDatabase, times: number): Promise<boolean> {
  const [row] = await sql<{ rollbacks: number }[]>`
    SELECT xact_rollback::int AS rollbacks FROM pg_stat_database WHERE datname = ${name}`
  return (row?.rollbacks ?? 0) >= times
}
