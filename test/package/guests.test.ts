import { execFile } from 'node:child_process'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { guestInPlace, guestNames } from '../support/guests.ts'
import { addInstalled, installed } from '../support/packed.ts'
import { emptyFolder } from '../support/program.ts'
import { ensureRuntime } from '../support/runtimes.ts'

const execute = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

describe('installed into the folder of', () => {
  let project = ''
  beforeAll(async () => {
    ;({ project } = await installed())
  }, 120_000)

  it.each(guestNames)('%s', { timeout: 60_000 }, async name => {
    const newer = name === 'backend-template-1.0'
    const folder = emptyFolder()
    const fixture = join(repository, 'test/fixtures/projects', name)
    cpSync(fixture, folder, { recursive: true })
    const packages = newer ? await ensureRuntime('drizzle-1.0') : repository
    addInstalled(project, folder, join(packages, 'node_modules'))
    const here = guestInPlace(name)
    const cwd = join(folder, here.root.slice(fixture.length))
    const { url } = await freshDatabase()
    const npx = async (...args: string[]) => {
      const env = { PATH: process.env.PATH, HOME: folder, DRIZZLE_OPS_URL: url }
      const { stdout } = await execute('npx', ['--no-install', 'drizzle-ops', ...args], { cwd, env })
      return JSON.parse(stdout)
    }
    const files = readdirSync(here.out).filter(file =>
      newer ? !file.startsWith('.') : file.endsWith('.sql'),
    )
    expect(await npx('status', '--json')).toMatchObject({
      layout: newer ? 'folders' : 'journal',
      upToDate: false,
      counts: { applied: 0, pending: files.length },
    })
    const { facts } = await npx('doctor', '--json')
    expect(facts).toContainEqual(
      expect.objectContaining({
        name: 'drizzle-orm',
        value: expect.stringContaining(newer ? '1.0.0-rc.5' : '0.45'),
      }),
    )
  })
})
