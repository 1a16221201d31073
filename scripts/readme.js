import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Writes what `--help` says between the README's markers; with --check it only compares.
const root = fileURLToPath(new URL('..', import.meta.url))
const file = `${root}README.md`
const MARKED = /(<!-- help:([a-z -]*?) -->\n)[\s\S]*?(<!-- end -->)/g

const written = readFileSync(file, 'utf8')
const generated = written.replace(MARKED, (_, start, command, end) => {
  const args = [...(command ? command.split(' ') : []), '--help']
  const help = execFileSync(process.execPath, [`${root}bin/drizzle-ops.js`, ...args], { encoding: 'utf8' })
  return `${start}\`\`\`\n${help.trimEnd()}\n\`\`\`\n${end}`
})

if (!process.argv.includes('--check')) writeFileSync(file, generated)
else if (generated !== written) {
  process.stderr.write('README.md differs from --help: run npm run readme.\n')
  process.exitCode = 1
}
