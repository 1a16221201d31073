import { beforeAll, describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/stats/catalogue.ts'
import type { TestServer } from '../support/servers.ts'
import { majors } from '../support/shared-servers.ts'
import {
  databaseOn,
  type KnownDatabase,
  quietServer,
  reportOf,
  type StatsDocument,
} from '../support/stats.ts'

/** Reports that show a role less than a superuser, and what they tell it. */
const LESS: Record<string, string> = {
  'top-queries': 'hidden',
  'query-io': 'hidden',
  activity: 'hidden',
  'long-running': 'hidden',
  'idle-in-transaction': 'hidden',
  connections: 'hidden',
  locks: 'hidden',
  blocking: 'hidden',
  xmin: 'may be missing',
  bloat: 'no statistics are to be seen',
  sequences: 'cannot be read',
  settings: 'are left out',
}

const KNOWN = `
  CREATE EXTENSION pg_stat_statements;
  CREATE TABLE t (id serial PRIMARY KEY, a int REFERENCES t, word text); CREATE INDEX ON t (word); CREATE INDEX ON t (word);
  INSERT INTO t (word) SELECT 'w' FROM generate_series(1, 1000); ANALYZE t`

describe.each(majors())('PostgreSQL %i', major => {
  let server: TestServer
  let known: KnownDatabase
  let seen: Map<string, StatsDocument>

  beforeAll(async () => {
    server = await quietServer(major)
    known = await databaseOn(server, KNOWN)
    await known.sql
      .unsafe(
        `CREATE ROLE plain LOGIN; CREATE ROLE monitor LOGIN IN ROLE pg_monitor; CREATE ROLE owner LOGIN;
         ALTER TABLE t OWNER TO owner; REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO owner, monitor`,
      )
      .simple()
    const [reader, altering] = [known.session(), known.session()]
    await reader.unsafe('BEGIN; SELECT FROM t').simple()
    void altering`ALTER TABLE t ADD COLUMN b int`.catch(() => {})
    await known.session()`SELECT pg_sleep(0.3)`
    // its counters arrive now
    await known.sql.end()
    seen = await allReports(known.url)
  })

  it('tells a superuser of nothing that is hidden', () => {
    for (const [name, { notes }] of seen)
      expect(
        notes.filter(({ fix }) => fix?.startsWith('GRANT')),
        name,
      ).toEqual([])
  })

  it.each(['plain', 'monitor', 'owner'])(
    'answers %s without an error, and says what it does not see',
    async role => {
      const answers = await allReports(known.as(role))
      for (const [name, { rows, notes }] of answers) {
        const whole = seen.get(name)?.rows ?? []
        // counters may have arrived since
        const missing = rows.length < whole.length || (whole.length > 0 && holes(rows) > holes(whole))
        const told = notes.filter(({ fix }) => fix?.startsWith('GRANT'))
        if (missing) expect(told.length, `${name} shows ${role} less and does not say so`).toBeGreaterThan(0)
        for (const { message, fix } of told) {
          expect(message, name).toContain(LESS[name] ?? 'nothing')
          expect(fix).toMatch(new RegExp(`^GRANT [^<]* TO "${role}";$`))
        }
      }
    },
  )

  it('sees everything about sessions as pg_monitor', async () => {
    for (const name of ['activity', 'locks', 'blocking', 'connections', 'xmin', 'settings', 'top-queries'])
      expect(
        (await reportOf(known.as('monitor'), name)).notes.filter(({ fix }) => fix?.startsWith('GRANT')),
      ).toEqual([])
  })
})

async function allReports(url: string): Promise<Map<string, StatsDocument>> {
  const answers = new Map<string, StatsDocument>()
  for (const { name } of CATALOGUE)
    answers.set(name, await reportOf(url, name, '--longer-than', '0', '--limit', '1000', '--all'))
  return answers
}

/** Values that are not known, in the mean row. */
function holes(rows: readonly Record<string, unknown>[]): number {
  const nulls = rows.flatMap(row => Object.values(row)).filter(value => value === null).length
  return rows.length === 0 ? 0 : nulls / rows.length
}
