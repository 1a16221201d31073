import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { ungranted } from '../../src/push/hazards.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { IMPORTS, type Pusher, startPusher } from '../support/pushing.ts'
import { runScript } from '../support/spawn.ts'
import { cases, type PushCase } from './changes.ts'

/** `npm run compare-push` runs all of them and writes the README's table; CI compares a few with it. */
const writesReadme = process.env.COMPARE_PUSH === 'write'
const names = Object.keys(cases).filter((_, index) => writesReadme || index % 10 === 3)

const repository = join(import.meta.dirname, '../..')
const readme = join(repository, 'README.md')
const TABLE = /(<!-- compare-push -->\n)[\s\S]*?(<!-- end -->)/

let pusher: Pusher
const written: string[] = []

beforeAll(async () => {
  pusher = await startPusher('0.x')
})

it.each(names)('drizzle-kit push --force: %s', { timeout: 60_000 }, async name => {
  const change = cases[name] as PushCase
  const row = `| ${name} | ${ours(change)} | ${await theirs(change)} |`
  written.push(row)
  if (!writesReadme) expect(readFileSync(readme, 'utf8')).toContain(`\n${row}\n`)
})

if (writesReadme)
  it('is written into the README', () => {
    const head = '| change | drizzle-ops push | drizzle-kit push --force |\n| --- | --- | --- |'
    const text = readFileSync(readme, 'utf8')
    expect(text).toMatch(TABLE)
    writeFileSync(
      readme,
      text.replace(TABLE, (_, start, end) => `${start}${head}\n${written.join('\n')}\n${end}`),
    )
  })

/** As push.test.ts asserts it. */
function ours({ hazards, outcome = 'ok' }: PushCase): string {
  const needed = ungranted(hazards, [])
  if (outcome === 'no_changes') return 'nothing to do'
  if (outcome === 'needs-decision') return 'refused: `--rename` or `--create`?'
  if (outcome === 'push-blocked') return 'refused, and says why it cannot succeed'
  const refused = needed.length > 0 ? `refused without \`${needed.join(',')}\`; then ` : ''
  return `${refused}${outcome === 'ok' ? 'done' : 'rolled back, exit 1'}`
}

interface Seen {
  readonly relations: readonly string[]
  /** By table, each row by its columns. */
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

/** What one run of drizzle-kit leaves behind, measured. */
async function theirs({ before, after, rows = '', config = {} }: PushCase): Promise<string> {
  const database = await freshDatabase()
  if (before !== '') await pusher.make(database, before)
  if (rows !== '') await database.sql.unsafe(rows).simple()
  const seen = await look(database)
  const root = emptyFolder()
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  write(join(root, 'schema.ts'), `${IMPORTS}${after}`)
  const dbCredentials = { url: database.url }
  write(
    join(root, 'drizzle.config.json'),
    JSON.stringify({ dialect: 'postgresql', schema: './schema.ts', dbCredentials, ...config }),
  )
  const kit = join(repository, 'node_modules/drizzle-kit/bin.cjs')
  const { code } = await runScript(kit, ['push', '--force'], { cwd: root, timeout: 60_000 })
  const left = await look(database)
  const now = await pusher.push(database, after, { dryRun: true, config })
  const isDone = !(now instanceof OpsError) && now.status === 'no_changes'
  const changed = JSON.stringify(left) !== JSON.stringify(seen)
  const harm = losses(seen, left)
  const end = isDone ? 'done' : changed ? 'not done, changed in part' : 'not done'
  return [...harm, `${end}, exit ${code}`].join('; ')
}

async function look({ sql }: TestDatabase): Promise<Seen> {
  const relations = await sql<{ name: string; kind: string }[]>`
    SELECT format('%s%I', CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END, relname) AS name, relkind AS kind
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    ORDER BY 1`
  const rows: Record<string, Record<string, unknown>[]> = {}
  for (const { name, kind } of relations) {
    if (kind !== 'r' && kind !== 'p') continue
    const found = await sql.unsafe<{ row: Record<string, unknown> }[]>(
      `SELECT row_to_json(held) AS row FROM ${name} AS held ORDER BY held::text`,
    )
    rows[name] = found.map(({ row }) => row)
  }
  return { relations: relations.map(({ name }) => name), rows }
}

/** What was there and is gone, or is another value. */
function losses(before: Seen, after: Seen): string[] {
  const gone = before.relations.filter(name => !after.relations.includes(name))
  const lost = Object.entries(before.rows).flatMap(([table, rows]) => {
    const left = after.rows[table]
    if (!left) return rows.length > 0 ? [`${plural(rows.length, 'row')} of ${table} lost`] : []
    if (left.length < rows.length) return [`${plural(rows.length - left.length, 'row')} of ${table} lost`]
    const values = rows.flatMap(row => {
      const same = left.find(each => each.id === row.id) ?? {}
      return Object.entries(row).filter(
        ([column, value]) => value !== null && String(same[column]) !== String(value),
      )
    })
    return values.length > 0 ? [`${plural(values.length, 'value')} of ${table} lost or changed`] : []
  })
  return [...(gone.length > 0 ? [`dropped ${gone.join(', ')}`] : []), ...lost]
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
