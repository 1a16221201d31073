import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migratedGuest } from '../support/guests.ts'
import { emptyFolder, ops } from '../support/program.ts'

const repository = process.cwd()
const readme = readFileSync(join(repository, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
/** What CI runs itself, and what would install the published package. */
const elsewhere = blocks.filter(text => text.startsWith('npm '))
const runnable = blocks.filter(text => !elsewhere.includes(text))

it('shows the two lines that CI runs', () => {
  const lines = (elsewhere[0] ?? '').split('\n').map(line => line.replace(/ +#.*/, ''))
  expect(lines).toEqual(['npm ci && npm run demo', 'npm ci && npm test', ''])
  expect(readFileSync(join(repository, '.ci/run'), 'utf8')).toContain(
    'npm ci && npm run demo\nnpm ci && npm test\n',
  )
  expect(elsewhere.slice(1)).toEqual(['npm install --save-dev drizzle-ops\nnpx drizzle-ops status\n'])
})

it('holds shell blocks that run as they stand', async () => {
  expect(runnable.length).toBeGreaterThan(5)
  const { root, database } = await migratedGuest('platform')
  const seeded = await ops(['seed', '--yes', '--url', database.url], { cwd: root })
  expect(seeded.code, seeded.stderr).toBe(0)
  const [project] = await database.sql<
    { id: string }[]
  >`SELECT id FROM projects WHERE deleted_at IS NULL ORDER BY id LIMIT 1`
  const npx = `npx() { shift; "${process.execPath}" "${join(repository, 'bin/drizzle-ops.js')}" "$@"; }\n`
  const env = {
    PATH: process.env.PATH,
    HOME: emptyFolder(),
    DATABASE_URL: database.url,
    PROJECT: project?.id,
  }
  for (const text of runnable) {
    const ended = spawnSync('bash', ['-euo', 'pipefail', '-c', npx + text], {
      cwd: root,
      env,
      encoding: 'utf8',
    })
    expect(ended.status, `${text}\n${ended.stdout}\n${ended.stderr}`).toBe(0)
  }
}, 120_000)
