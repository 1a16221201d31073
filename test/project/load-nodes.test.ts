import { describe, expect, it } from 'vitest'
import { failToRead, folderOf, readConfig } from '../support/configs.ts'
import { nodeBinary, nodeMajors, unavailable } from '../support/runtimes.ts'

/** What Node's own stripping of types does not know, and what only some versions have. */
const files = {
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
  'src/name.ts': "export enum Name { Own = 'found' }\nexport const here = import.meta.dirname",
  'node_modules/unseen/package.json': '{ "main": "index.js" }',
  'node_modules/unseen/index.js': "module.exports = make()\nfunction make() { return { load: () => '' } }",
  'drizzle.config.ts': `
    import { existsSync } from 'node:fs'
    import { defineConfig } from 'drizzle-kit'
    import { defineOps } from 'drizzle-ops/config'
    import { load } from 'unseen'
    import { here, Name } from '@/name.js'
    const suffix: string = await Promise.resolve(load())
    export default defineConfig({
      dialect: 'postgresql',
      migrations: { table: existsSync(here + '/name.ts') ? Name.Own + suffix : here },
    })
    export const ops = defineOps({ protected: [] })`,
}

const plain = {
  'src/name.ts': "export enum Name { Own = 'found' }",
  'drizzle.config.mjs': `import { Name } from './src/name.ts'
    export default { dialect: 'postgresql', migrations: { table: Name.Own } }`,
}

const nodes = [
  ['the Node of this run', undefined],
  ...nodeMajors.map(major => [`Node ${major}`, major] as const),
] as const

describe.each(nodes)('%s', async (_, major) => {
  const reason = major && (await unavailable(`node${major}`))

  it.skipIf(reason)(reason ?? 'reads a TypeScript and a JavaScript config', async () => {
    const options = major ? { node: await nodeBinary(major) } : {}
    const typed = await readConfig(folderOf(files), options)
    expect(typed).toMatchObject({ table: 'found', ops: 'protected', stderr: '' })
    expect(await readConfig(folderOf(plain), options)).toMatchObject({ table: 'found', stderr: '' })
  })

  it.skipIf(reason)(reason ?? 'tells where a config throws', async () => {
    const options = major ? { node: await nodeBinary(major) } : {}
    const root = folderOf({ 'drizzle.config.ts': "interface A {}\n\nthrow new Error('no')" })
    const message = `${root}/drizzle.config.ts line 3 threw: no`
    expect((await failToRead(root, options)).error).toMatchObject({ message })
  })
})
