import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { transpile } from '../../src/project/transpile.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'

interface SourceMapText {
  readonly sourceRoot: string
  readonly sources: readonly string[]
}

it('names sources that are there, and marks those that are made up', async () => {
  const folder = emptyFolder()
  const config = join(folder, 'drizzle.config.ts')
  write(join(folder, 'node_modules/old/index.js'), 'exports.out = "./drizzle"')
  write(join(folder, 'names.ts'), 'export const dialect: string = "postgresql"')
  write(
    config,
    `import { defineConfig } from 'drizzle-kit'
import { out } from 'old'
import { dialect } from './names'
export default defineConfig({ dialect, out })`,
  )
  const { code, inputs } = await transpile(config)
  expect(inputs.toSorted()).toEqual([config, join(folder, 'names.ts')])
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code)?.[1] ?? ''
  const { sourceRoot, sources }: SourceMapText = JSON.parse(Buffer.from(map, 'base64').toString())
  const strangers = sources.filter(source => !existsSync(resolve(sourceRoot, source)))
  expect(sources.length).toBeGreaterThan(strangers.length)
  expect(strangers.toSorted()).toEqual([
    `virtual:commonjs:${join(folder, 'node_modules/old/index.js')}`,
    'virtual:define-config:drizzle-kit',
  ])
})
