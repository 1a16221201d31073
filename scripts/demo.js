import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../bin/drizzle-ops.js', import.meta.url))
const tour = [['migrate'], ['status'], ['health'], ['migrate']]

// the demo is about the embedded server, whatever database this shell is set up for
const env = { ...process.env, DATABASE_URL: '', DRIZZLE_OPS_URL: '', PGHOST: '', PGDATABASE: '' }

for (const args of tour) {
  process.stdout.write(`\n$ npx drizzle-ops ${args.join(' ')}\n`)
  const { status } = spawnSync(process.execPath, [program, ...args, '--embedded'], { stdio: 'inherit', env })
  if (status !== 0) {
    process.exitCode = status ?? 1
    break
  }
}
