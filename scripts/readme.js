import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from '../dist/main.js'

// Writes what `--help` says between the README's markers; with --check it only compares.
const root = fileURLToPath(new URL('..', import.meta.url))
const file = `${root}README.md`
const MARKED = /(<!-- help:([a-z -]*?) -->\n)[\s\S]*?(<!-- end -->)/g

// 80 columns, however wide the terminal is
process.stdout.isTTY = false

const written = readFileSync(file, 'utf8')
const helps = new Map()
for (const [, , command] of written.matchAll(MARKED)) helps.set(command, await helpOf(command))
const generated = written.replace(
  MARKED,
  (_, start, command, end) => `${start}\`\`\`\n${helps.get(command)}\n\`\`\`\n${end}`,
)

const configured = generated.replace(
  /(<!-- config -->\n)[\s\S]*?(<!-- end -->)/,
  (_, start, end) => `${start}${reference()}\n${end}`,
)

async function helpOf(command) {
  let help = ''
  const stdout = { write: text => (help += text) }
  const io = {
    stdin: process.stdin,
    stdout,
    stderr: process.stderr,
    env: {},
    cwd: () => root,
    on() {},
    off() {},
  }
  await main([...(command ? command.split(' ') : []), '--help'], io)
  return help.trimEnd()
}

/** The properties of OpsConfig with their comments, as a table. */
function reference() {
  const types = readFileSync(`${root}src/config.ts`, 'utf8')
  const [, body = ''] = /export interface OpsConfig[^{]*\{\n([\s\S]*?)\n\}/.exec(types) ?? []
  const rows = []
  let comment = ''
  let outer = ''
  for (const line of body.split('\n')) {
    const [, said] = /^\s*\/\*\* (.*) \*\/$/.exec(line) ?? []
    const [, indent = '', name] = /^( *)readonly (\w+)\??:/.exec(line) ?? []
    if (said) comment = said
    if (!name) continue
    if (indent.length === 2) outer = name
    const inside = indent.length > 2 ? `${outer}.` : ''
    if (comment) rows.push(`| \`${inside}${name}\` | ${comment.replaceAll('|', '\\|')} |`)
    comment = ''
  }
  return ['| key | what it says |', '| --- | --- |', ...rows].join('\n')
}

if (!process.argv.includes('--check')) writeFileSync(file, configured)
else if (configured !== written) {
  process.stderr.write('README.md differs from --help: run npm run readme.\n')
  process.exitCode = 1
}
