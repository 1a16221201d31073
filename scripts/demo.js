import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The whole tour on the embedded server: every command line is shown as it is typed, and what it prints.
const program = fileURLToPath(new URL('../bin/drizzle-ops.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'drizzle-ops-demo-'))
const archive = join(folder, 'project.ndjson.gz')

// the demo is about the embedded server, whatever database this shell is set up for
const env = { ...process.env, DATABASE_URL: '', DRIZZLE_OPS_URL: '', PGHOST: '', PGDATABASE: '' }

const server = spawn(process.execPath, [program, 'dev', '--json', '--embedded'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env,
})
try {
  const { urlFile } = JSON.parse(await firstDocument(server.stdout))
  const copy = new URL((await readFile(urlFile, 'utf8')).trim())
  copy.pathname = '/copy'

  show('migrate')
  show('seed', '--truncate', '--yes')
  show('status')
  show('health')
  show('stats', 'tables', '--limit', '5')
  show('project', 'list', '--limit', '3')
  const [{ id }] = JSON.parse(quietly('project', 'list', '--limit', '1', '--json')).projects
  show('project', 'show', id)
  show('project', 'export', id, '-o', archive)
  show('archive', 'verify', archive)

  process.stdout.write('\nAnd into a second database:\n')
  const there = { ...env, DRIZZLE_OPS_URL: copy.href }
  run(['migrate', '--create-database', '--quiet'], { env: there })
  run(['project', 'import', archive, '--on-conflict', 'skip', '--yes'], { env: there })
  run(['project', 'list'], { env: there })

  process.stdout.write('\nBack in the first one:\n')
  show('cleanup', 'list')
  show('cleanup', '--yes', '--allow', 'large')
  show('migrate')
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
  server.kill('SIGINT')
  await once(server, 'exit')
}

function show(...args) {
  run(args)
}

function quietly(...args) {
  return run(args, { stdout: 'pipe' })
}

function run(args, { stdout = 'inherit', env: own = env } = {}) {
  const typed = args.join(' ').replaceAll(archive, 'project.ndjson.gz')
  if (stdout === 'inherit') process.stdout.write(`\n$ npx drizzle-ops ${typed}\n`)
  const where = own === env ? ['--embedded'] : []
  const ended = spawnSync(process.execPath, [program, ...args, ...where], {
    stdio: ['ignore', stdout, 'inherit'],
    env: own,
    encoding: 'utf8',
  })
  if (ended.status !== 0) throw new Error(`drizzle-ops ${typed} ended with ${ended.status}.`)
  return ended.stdout
}

/** `dev --json` prints one document when the server takes connections. */
async function firstDocument(stream) {
  let text = ''
  for await (const piece of stream.setEncoding('utf8')) {
    text += piece
    if (text.endsWith('}\n')) return text
  }
  throw new Error('The embedded server did not start.')
}
