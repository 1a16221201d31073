import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tsImport } from 'tsx/esm/api'

const benches = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.bench.ts'))
  .map(file => file.replace('.bench.ts', ''))
const [name = '', ...options] = process.argv.slice(2)

if (benches.includes(name)) {
  const { bench } = await tsImport(join(import.meta.dirname, `${name}.bench.ts`), import.meta.url)
  await bench(options)
} else {
  process.stderr.write(`Usage: npm run bench -- <name> [--json]. The benches are ${benches.join(', ')}.\n`)
  process.exitCode = 2
}
