import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { clone, type Template, template } from '../support/databases.ts'
import { majors } from '../support/shared-servers.ts'
import { contentsOf } from './contents.ts'
import { exported, imported } from './moving.ts'
import { TORTURE_ROWS, TORTURE_SCHEMA } from './torture.ts'

const empty: Template = template('dumped', async ({ sql }) => {
  await sql.unsafe(TORTURE_SCHEMA)
})
const full: Template = template('dumped_full', async ({ sql }) => {
  await sql.unsafe(TORTURE_SCHEMA)
  await sql.unsafe(TORTURE_ROWS)
})

const MAJOR = 15

/** Why pg_dump of the version cannot be asked, as a sentence. */
function unavailable(): string | undefined {
  if (!majors().includes(MAJOR)) return `PG_MAJORS leaves PostgreSQL ${MAJOR} out.`
  try {
    const version = execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }).trim()
    return version.includes(` ${MAJOR}.`) ? undefined : `This is ${version}, not ${MAJOR}.`
  } catch {
    return 'There is no pg_dump.'
  }
}

/** What pg_dump says of every row; each of its lines holds its table, so that their order does not count. */
function dumped(url: string): string[] {
  const text = execFileSync('pg_dump', ['--data-only', '--inserts', '--no-comments', url], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    // it warns of cycles, which do not matter here
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text
    .split(/^(?=INSERT INTO |SELECT pg_catalog.setval)/m)
    .filter(part => part.startsWith('INSERT'))
    .map(part => part.replace(/(\n--|\n\\unrestrict)[\s\S]*/, '').trim())
    .sort()
}

it('brings in what pg_dump takes for the same, and we compare as it does', async context => {
  const reason = unavailable()
  if (reason) {
    process.stdout.write(`Not compared with pg_dump ${MAJOR}: ${reason}\n`)
    return context.skip(reason)
  }
  const source = await clone(full, MAJOR)
  const target = await clone(empty, MAJOR)
  await imported(await exported(['tenants'], source.url), target.url)
  const rows = dumped(source.url)
  expect(rows.length).toBe(Object.values(await contentsOf(source.sql)).flat().length)
  expect(dumped(target.url)).toEqual(rows)
  expect(await contentsOf(target.sql)).toEqual(await contentsOf(source.sql))
  // one row, and both see it
  await target.sql`UPDATE logs SET line = '' WHERE line IS NULL`
  expect(dumped(target.url)).not.toEqual(rows)
  expect(await contentsOf(target.sql)).not.toEqual(await contentsOf(source.sql))
})
