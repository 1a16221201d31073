import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configMissing, findConfig } from '../../src/project/find.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { thrown } from '../support/thrown.ts'

const endings = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json']

describe('the config', () => {
  it.each(endings.map((ending, index) => [ending, endings.slice(index)]))(
    'may end in .%s, which comes before those that follow',
    (ending, present) => {
      const root = folderWith('package.json', ...present.map(each => `drizzle.config.${each}`))
      expect(findConfig(root, undefined)).toBe(join(root, `drizzle.config.${ending}`))
    },
  )

  it('is looked for upwards to the nearest package.json, never beyond', () => {
    const root = folderWith(
      'drizzle.config.ts',
      'package.json',
      'apps/web/package.json',
      'apps/web/src/db/x.ts',
      'apps/api/package.json',
      'apps/api/drizzle.config.js',
      'apps/api/src/db/x.ts',
      'scripts/deep/x.ts',
    )
    expect(findConfig(join(root, 'apps/web/src/db'), undefined)).toBe(undefined)
    expect(findConfig(join(root, 'apps/api/src/db'), undefined)).toBe(
      join(root, 'apps/api/drizzle.config.js'),
    )
    expect(findConfig(join(root, 'scripts/deep'), undefined)).toBe(join(root, 'drizzle.config.ts'))
  })

  it('is looked for in this folder alone where there is no package.json at all', () => {
    const root = folderWith('drizzle.config.ts', 'inner/x.ts')
    expect(findConfig(root, undefined)).toBe(join(root, 'drizzle.config.ts'))
    expect(findConfig(join(root, 'inner'), undefined)).toBe(undefined)
  })

  it('is the one nearest to this folder', () => {
    const root = folderWith('package.json', 'drizzle.config.ts', 'db/drizzle.config.json')
    expect(findConfig(join(root, 'db'), undefined)).toBe(join(root, 'db/drizzle.config.json'))
  })
})

describe('--config', () => {
  it('names any file, from the working directory on', () => {
    const root = folderWith('package.json', 'drizzle.config.ts', 'db/kit.prod.ts')
    expect(findConfig(join(root, 'db'), 'kit.prod.ts')).toBe(join(root, 'db/kit.prod.ts'))
    expect(findConfig('/', join(root, 'db/kit.prod.ts'))).toBe(join(root, 'db/kit.prod.ts'))
  })

  it.each(['nowhere.ts', '.'])('%s is no file', async name => {
    const root = folderWith('package.json', 'drizzle.config.ts')
    expect(await thrown(() => findConfig(root, name))).toMatchObject({
      code: 'config-missing',
      message: `There is no file ${join(root, name)}.`,
      hint: 'Correct --config, or leave it out to use drizzle.config.* of this folder.',
      exit: 2,
    })
  })
})

it('is missed in words', () => {
  expect(configMissing('/app')).toMatchObject({
    code: 'config-missing',
    message:
      'There is no drizzle.config.{ts,mts,cts,js,mjs,cjs,json} in /app or above it up to the nearest package.json.',
    hint: 'Change into the project, or name the file with --config <file>.',
    exit: 2,
  })
})

function folderWith(...files: string[]): string {
  const root = emptyFolder()
  for (const file of files) write(join(root, file), '')
  return root
}
