import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'
import { databaseOn, type KnownDatabase, quietServer, type Rows, rowsOf } from '../support/stats.ts'

/** 60 tables with an index each: more than a report shows. */
const MANY = Array.from({ length: 60 }, (_, number) => `CREATE TABLE t${number} (id int PRIMARY KEY)`).join(
  ';',
)

describe.each(['tables', 'indexes'])('stats %s of more than it shows', report => {
  const run = async (...flags: string[]) => {
    const { url, sql } = await freshDatabase()
    await sql.unsafe(MANY).simple()
    const { code, stdout, stderr } = await ops(['stats', report, ...flags, '--url', url], {
      cwd: emptyFolder(),
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }
  const nameOf = (row: Rows[number]) => `${row.schema}.${row.index ?? row.table}`

  it('shows people the first 50, and says so', async () => {
    const table = (await run()).split('\n')
    expect(table.filter(line => line.startsWith('public'))).toHaveLength(50)
    expect(table).toContain('50 of 60 rows; --limit 0 shows all.')
    const markdown = (await run('--format', 'markdown')).split('\n')
    expect(markdown.filter(line => line.startsWith('| public'))).toHaveLength(50)
    expect(markdown).toContain('50 of 60 rows; --limit 0 shows all.')
    expect((await run('--limit', '0')).match(/^public/gm)).toHaveLength(60)
  })

  it('gives programs every row, unless they ask for less', async () => {
    const document = documentOf<{ rows: Rows; total: number }>({ stdout: await run('--json') })
    expect(document.total).toBe(60)
    expect(new Set(document.rows.map(nameOf)).size).toBe(60)
    expect((await run('--format', 'csv')).trim().split('\r\n')).toHaveLength(61)
    expect((await run('--format', 'ndjson')).trim().split('\n')).toHaveLength(60)
    expect((await run('--format', 'ndjson', '--limit', '2')).trim().split('\n')).toHaveLength(2)
  })
})

/** Each is large by something else; what they are larger than is `small`. */
const LARGE = `
  CREATE TABLE toasted (line text); ALTER TABLE toasted ALTER line SET STORAGE EXTERNAL;
  INSERT INTO toasted SELECT repeat('x', 500000) FROM generate_series(1, 4);
  CREATE TABLE indexed (id int); INSERT INTO indexed SELECT generate_series(1, 12000);
  CREATE INDEX indexed_a ON indexed (id); CREATE INDEX indexed_b ON indexed (id); CREATE INDEX indexed_c ON indexed (id);
  CREATE TABLE heap (id int); INSERT INTO heap SELECT generate_series(1, 20000);
  CREATE TABLE small (id int); INSERT INTO small SELECT generate_series(1, 5000); CREATE INDEX small_a ON small (id)`

const STATES = {
  'before anybody has analysed them': '',
  'after an analysis': 'ANALYZE',
  'after a VACUUM': 'VACUUM ANALYZE',
  'grown after an analysis': `
    TRUNCATE toasted, indexed, heap; ANALYZE;
    INSERT INTO toasted SELECT repeat('x', 500000) FROM generate_series(1, 4);
    INSERT INTO indexed SELECT generate_series(1, 12000); INSERT INTO heap SELECT generate_series(1, 20000)`,
  'after a reset': 'ANALYZE; SELECT pg_stat_reset()',
}

describe.each(majors())('PostgreSQL %i', major => {
  let server: TestServer

  beforeAll(async () => {
    server = await quietServer(major)
  })

  /** In a session of its own: counters arrive when it ends at the latest. */
  async function counted({ session, sql }: KnownDatabase, script: string): Promise<void> {
    const own = session()
    for (const statement of script.split(';')) await own.unsafe(statement)
    await own.end()
    await expect
      .poll(
        () =>
          sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      )
      .toEqual([])
    // until 15 they went by way of a process that wrote them down twice a second
    if (major < 15) await sleep(1100)
  }

  it.each(Object.entries(STATES))('finds the largest without measuring all, %s', async (_, state) => {
    const known = await databaseOn(server)
    await counted(known, LARGE)
    await counted(known, state)
    const first = async (report: string, count: number) =>
      (await rowsOf(known.url, report, '--limit', String(count))).map(({ table }) => table)
    expect(await first('tables', 1)).toEqual(['toasted'])
    expect(await first('tables', 3)).toEqual(['toasted', 'indexed', 'heap'])
    expect(await first('indexes', 3)).toEqual(['indexed', 'indexed', 'indexed'])
  })
})
