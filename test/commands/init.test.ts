import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from '../../src/cli.ts'
import { RECIPES, type RecipeName } from '../../src/init/recipes.ts'
import { copyGuest, guestNames } from '../support/guests.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'

const configOf = (root: string) => join(root, 'drizzle.config.ts')

describe('adds an ops export', () => {
  it.each(guestNames.filter(name => !name.endsWith('1.0')))('to %s, and changes nothing else', async name => {
    const { root } = await copyGuest(name)
    const before = readFileSync(configOf(root), 'utf8')
    const outcome = await ops(['init', '--json'], { cwd: root })
    expect(outcome).toMatchObject({
      code: 0,
      stderr:
        'warning: drizzle-kit will not find drizzle-ops/config beside the config: npm install --save-dev drizzle-ops\n',
    })
    expect(documentOf(outcome)).toEqual({ schemaVersion: 1, files: [configOf(root)] })
    const after = readFileSync(configOf(root), 'utf8')
    const kept = after
      .replace("import { defineOps } from 'drizzle-ops/config'\n", '')
      .replace(/\n\/\*\* For drizzle-ops; [\s\S]*$/, '')
    expect(kept).toBe(before)
    expect(await ops(['doctor', '--json'], { cwd: root })).toMatchObject({ stderr: '' })
    expect(documentOf(await ops(['init', '--json'], { cwd: root }))).toEqual({ schemaVersion: 1, files: [] })
    expect(readFileSync(configOf(root), 'utf8')).toBe(after)
  })

  it('typed by the schema where there is one file of it, with the line endings and the mode of the config', async () => {
    const { root } = await copyGuest('product-helper')
    const text = readFileSync(configOf(root), 'utf8').replaceAll('\n', '\r\n')
    write(configOf(root), text)
    const { mode } = statSync(configOf(root))
    await ops(['init'], { cwd: root })
    const after = readFileSync(configOf(root), 'utf8')
    expect(after).toContain("export const ops = defineOps<typeof import('./lib/db/schema')>({\r\n")
    expect(after.replaceAll('\r\n', '')).not.toContain('\n')
    expect(statSync(configOf(root)).mode).toBe(mode)
  })

  it('but not to what has no place for one', async () => {
    const cwd = emptyFolder()
    const file = join(cwd, 'drizzle.config.json')
    write(file, '{"dialect":"postgresql"}')
    expect(await ops(['init'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${file} is not an ES module, so it has no place for a second export. [init-unsupported]
  → Rename it to drizzle.config.ts and write export default defineConfig({ … }), then run drizzle-ops init again.
`,
    })
    expect(readFileSync(file, 'utf8')).toBe('{"dialect":"postgresql"}')
  })
})

const names = Object.keys(RECIPES) as RecipeName[]
const COMMAND = /npx drizzle-ops ([^|>\n]*)/g
const ARGUMENTS = /(?:args|command|CMD|ENTRYPOINT):? \[(?:npx, drizzle-ops, )?([^\]]*)\]/g

/** Every drizzle-ops command line that the recipe's files hold. */
function commandsIn(text: string): string[][] {
  const spoken = [...text.matchAll(COMMAND)].map(([, line = '']) => line.trim().split(/ +/))
  const listed = [...text.matchAll(ARGUMENTS)].map(([, line = '']) =>
    line.split(/, +/).map(word => word.replace(/['"]/g, '')),
  )
  return [...spoken, ...listed].filter(([word]) => word !== 'npx' && word !== 'CMD-SHELL')
}

describe.each(names)('the recipe %s', name => {
  it('is written as it stands, and never over what is there', async () => {
    const { root } = await copyGuest('codegen')
    const files = Object.keys(RECIPES[name])
    expect(documentOf(await ops(['init', '--recipe', name, '--json'], { cwd: root }))).toEqual({
      schemaVersion: 1,
      files,
    })
    for (const [path, text] of Object.entries(RECIPES[name]))
      expect(readFileSync(join(root, path), 'utf8')).toBe(text)
    expect(await ops(['init', '--recipe', name], { cwd: root })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${join(root, files[0] ?? '')} exists already; nothing was written. [file-exists]
  → Move it away, or take over from it what you need: drizzle-ops init never overwrites.
`,
    })
  })

  it('holds commands that drizzle-ops understands', async () => {
    const commands = Object.values<string>(RECIPES[name]).flatMap(commandsIn)
    expect(commands.length).toBeGreaterThan(0)
    for (const words of commands) expect(await parse(words, () => {}), words.join(' ')).toBeDefined()
  })
})
