import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { indexMadeBy } from '../../src/migrations/resume.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const breakpoint = '\n--> statement-breakpoint\n'
const table = {
  name: '0000_table',
  sql: "CREATE TABLE rows (id int, kind text); INSERT INTO rows VALUES (1, 'a'), (1, 'b');",
}
const steps = [
  "INSERT INTO rows VALUES (3, 'first');",
  'CREATE INDEX CONCURRENTLY rows_kind ON rows (kind);',
  'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS rows_id ON rows (id);',
  "INSERT INTO rows VALUES (4, 'fourth');",
  'CREATE INDEX CONCURRENTLY rows_both ON rows (id, kind);',
]
const file = { name: '0001_steps', sql: steps.join(breakpoint) }

describe.each(majors())('a file without a transaction on PostgreSQL %i', major => {
  it('goes on at the statement that failed, and runs none twice', async () => {
    const { url, sql } = await freshDatabase(major)
    const { root } = journalProject([table, file])
    const migrate = () => ops(['migrate', '--json', '--url', url], { cwd: root })
    const failed = await migrate()
    expect(documentOf(failed)).toMatchObject({ error: { sqlstate: '23505', where: { statement: 3 } } })
    expect(await sql`SELECT statements, begun FROM drizzle.drizzle_ops_progress`).toEqual([
      { statements: 2, begun: true },
    ])

    await sql`DELETE FROM rows WHERE kind = 'b'`
    const resumed = await migrate()
    expect(resumed.stderr).toBe(
      'Applying 0001_steps\nGoing on with 0001_steps after statement 2\n' +
        'Dropping the invalid index public.rows_id, which an earlier CREATE INDEX CONCURRENTLY left behind\n',
    )
    expect(documentOf(resumed)).toMatchObject({ applied: [{ name: '0001_steps', transaction: 'none' }] })
    const kinds = await sql`SELECT kind FROM rows ORDER BY kind`
    expect(kinds.map(row => row.kind)).toEqual(['a', 'first', 'fourth'])
    const indexes =
      await sql`SELECT indexrelid::regclass::text AS name, indisvalid FROM pg_index WHERE indrelid = 'rows'::regclass ORDER BY 1`
    expect(indexes.map(row => [row.name, row.indisvalid])).toEqual([
      ['rows_both', true],
      ['rows_id', true],
      ['rows_kind', true],
    ])
    expect(await sql`SELECT FROM drizzle.drizzle_ops_progress`).toHaveLength(0)
  })

  it('refuses to go on where what has run was changed', async () => {
    const { url, sql } = await freshDatabase(major)
    const { root, out } = journalProject([table, file])
    const migrate = () => ops(['migrate', '--url', url], { cwd: root })
    await migrate()
    await sql`DELETE FROM rows WHERE kind = 'b'`
    write(join(out, '0001_steps.sql'), file.sql.replace("'first'", "'other'"))
    const refused = await migrate()
    expect(refused.stderr).toContain(
      'error: 0001_steps stopped after statement 2 in an earlier run, and what had run by then was changed since. [progress-edited]\n',
    )
    expect(refused.code).toBe(1)
    write(join(out, '0001_steps.sql'), file.sql.replace("'fourth'", "'fifth'"))
    expect((await migrate()).code).toBe(0)
  })

  it('takes an index that was finished before the note of it for done', async () => {
    const { url, sql } = await freshDatabase(major)
    const { root } = journalProject([table, file])
    await ops(['migrate', '--url', url], { cwd: root })
    await sql`DELETE FROM rows WHERE kind = 'b'`
    await sql`DROP INDEX rows_id`
    await sql`CREATE UNIQUE INDEX rows_id ON rows (id)`
    const resumed = await ops(['migrate', '--url', url], { cwd: root })
    expect(resumed.code).toBe(0)
  })
})

it.each([
  ['CREATE INDEX CONCURRENTLY a ON b (c)', { index: 'a', table: 'b' }],
  [
    '-- why\ncreate unique index concurrently if not exists "A ""b""" on only s."T t" using gin (c)',
    { index: 'A "b"', table: 's."T t"' },
  ],
  ['CREATE INDEX CONCURRENTLY Mixed ON Über (c)', { index: 'mixed', table: 'Über' }],
  ['CREATE INDEX CONCURRENTLY ON b (c)', undefined],
  ['DROP INDEX CONCURRENTLY a', undefined],
])('reads the index that %j makes', (text, made) => {
  expect(indexMadeBy({ text })).toEqual(made)
})
