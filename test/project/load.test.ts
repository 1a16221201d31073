import { describe, expect, it } from 'vitest'
import { type Files, folderOf, readConfig } from '../support/configs.ts'

/** A config whose history table is called what `expression` gives. */
const config = (expression: string, above = '') =>
  `${above}\nexport default { dialect: 'postgresql', migrations: { table: ${expression} } }\n`

const commonConfig = (expression: string, above = '') =>
  `${above}\nmodule.exports = { dialect: 'postgresql', migrations: { table: ${expression} } }\n`

/** Node's lexer sees no names in what a call returns; @next/env is such a package. */
const unseen = {
  'node_modules/unseen/package.json': '{ "main": "index.js" }',
  'node_modules/unseen/index.js': "module.exports = make()\nfunction make() { return { name: 'found' } }",
}

const modern = {
  'node_modules/modern/package.json': '{ "type": "module", "exports": "./index.js" }',
  'node_modules/modern/index.js': "export const name = 'found'",
}

/** Each names its table `found`. */
const projects: [what: string, files: Files][] = [
  ['.ts', { 'drizzle.config.ts': config('name', "const name: string = 'found'") }],
  ['.mts', { 'drizzle.config.mts': config("'found' as string") }],
  ['.cts', { 'drizzle.config.cts': commonConfig("'found' as string") }],
  [
    '.cts with import = and export =',
    {
      'drizzle.config.cts':
        "import os = require('node:os')\nexport = { dialect: 'postgresql', migrations: { table: os.EOL ? 'found' : '' } }",
    },
  ],
  [
    '.js in a module package',
    { 'package.json': '{ "type": "module" }', 'drizzle.config.js': config("'found'") },
  ],
  ['.js in a CommonJS package', { 'drizzle.config.js': commonConfig("'found'") }],
  ['.mjs', { 'drizzle.config.mjs': config("'found'") }],
  ['.cjs', { 'drizzle.config.cjs': commonConfig("'found'") }],
  [
    '.cjs with a default of its own',
    { 'drizzle.config.cjs': `exports.default = { dialect: 'postgresql', migrations: { table: 'found' } }` },
  ],
  ['.json', { 'drizzle.config.json': '{ "dialect": "postgresql", "migrations": { "table": "found" } }' }],

  ['top-level await', { 'drizzle.config.ts': config("await Promise.resolve('found')") }],
  [
    'enums and satisfies',
    { 'drizzle.config.ts': config('Name.Own satisfies string', "enum Name { Own = 'found' }") },
  ],
  [
    'import.meta.url',
    {
      'found.ts': '',
      'drizzle.config.ts': config(
        "existsSync(new URL('./found.ts', import.meta.url)) ? 'found' : import.meta.url",
        "import { existsSync } from 'node:fs'",
      ),
    },
  ],
  [
    'import.meta.dirname and filename',
    {
      'src/own.ts': 'export const own = [import.meta.dirname, import.meta.filename]',
      'drizzle.config.ts': config(
        "own.every((path, at) => path.endsWith(['/src', '/src/own.ts'][at])) ? 'found' : own.join()",
        "import { own } from './src/own'",
      ),
    },
  ],
  [
    'import.meta taken apart, below a #! line',
    {
      'drizzle.config.ts': `#!/usr/bin/env tsx\n${config("url.endsWith('/drizzle.config.ts') ? 'found' : url", 'const { url } = import.meta')}`,
    },
  ],
  [
    '__dirname and __filename',
    { 'drizzle.config.ts': config("__filename === __dirname + '/drizzle.config.ts' ? 'found' : __filename") },
  ],
  [
    'a require of its own',
    {
      'data.json': '{ "name": "found" }',
      'drizzle.config.ts': config(
        "require('./data.json').name",
        "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
      ),
    },
  ],

  [
    'a .js specifier for a .ts file',
    {
      'src/name.ts': "export const name: string = 'found'",
      'drizzle.config.ts': config('name', "import { name } from './src/name.js'"),
    },
  ],
  [
    'no ending, and the index of a folder',
    {
      'src/index.ts': "export * from './name'",
      'src/name.ts': "export const name = 'found'",
      'drizzle.config.ts': config('name', "import { name } from './src'"),
    },
  ],
  [
    'a .json file',
    {
      'data.json': '{ "name": "found" }',
      'drizzle.config.ts': config('data.name', "import data from './data.json'"),
    },
  ],
  [
    'path aliases of tsconfig.json',
    {
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } } // a comment',
      'src/name.ts': "export const name = 'found'",
      'drizzle.config.ts': config('name', "import { name } from '@/name'"),
    },
  ],
  [
    'path aliases of a tsconfig.json that is extended',
    {
      'tsconfig.json': '{ "extends": "./base.json" }',
      'base.json': '{ "compilerOptions": { "baseUrl": "src", "paths": { "~/*": ["*"] } } }',
      'src/name.ts': "export const name = 'found'",
      'drizzle.config.ts': config('name', "import { name } from '~/name'"),
    },
  ],
  [
    'imports of package.json',
    {
      'package.json': '{ "imports": { "#name": "./src/name.ts" } }',
      'src/name.ts': "export const name = 'found'",
      'drizzle.config.ts': config('name', "import { name } from '#name'"),
    },
  ],

  [
    'a name that a CommonJS package exports unseen',
    { ...unseen, 'drizzle.config.ts': config('name', "import { name } from 'unseen'") },
  ],
  [
    'the same from .mjs',
    { ...unseen, 'drizzle.config.mjs': config('name', "import { name } from 'unseen'") },
  ],
  ['an ESM package', { ...modern, 'drizzle.config.ts': config('name', "import { name } from 'modern'") }],
  [
    'an ESM package by require',
    { ...modern, 'drizzle.config.cts': commonConfig('name', "const { name } = require('modern')") },
  ],
  [
    'a workspace package that is TypeScript',
    {
      'package.json': '{ "workspaces": ["packages/*"] }',
      'packages/env/package.json': '{ "name": "@acme/env", "exports": "./src/index.ts" }',
      'packages/env/src/index.ts':
        "import { name } from './name.js'\nexport enum Env { Name = name.length }\nexport { name }",
      'packages/env/src/name.ts': "export const name: string = 'found'",
      'node_modules/@acme/env': '→ ../../packages/env',
      'drizzle.config.ts': config('name', "import { name } from '@acme/env'"),
    },
  ],
  [
    'TypeScript from .mjs',
    {
      'src/name.ts': "export enum Name { Own = 'found' }",
      'drizzle.config.mjs': config('Name.Own', "import { Name } from './src/name.ts'"),
    },
  ],
  [
    'JSON without its attribute from .mjs',
    {
      'data.json': '{ "name": "found" }',
      'drizzle.config.mjs': config('data.name', "import data from './data.json'"),
    },
  ],
]

describe('a config with', () => {
  it.each(projects)('%s', async (_, files) => {
    const { table, problems, stderr } = await readConfig(folderOf(files))
    expect(table, problems.join('\n')).toBe('found')
    expect(withoutNode(stderr)).toBe('')
  })
})

describe('drizzle-kit, which is not installed,', () => {
  const call = "{ dialect: 'postgresql', migrations: { table: 'found' } }"
  const module = `import { defineConfig } from 'drizzle-kit'\nimport { defineOps } from 'drizzle-ops/config'
export default defineConfig(${call})\nexport const ops = defineOps({ seed: {}, drift: {} })`
  const common = `const { defineConfig } = require('drizzle-kit')\nconst { defineOps } = require('drizzle-ops/config')
module.exports = defineConfig(${call})\nmodule.exports.ops = defineOps({ seed: {}, drift: {} })`
  const both = common
    .replace('module.exports =', 'exports.default =')
    .replace('module.exports.ops', 'exports.ops')

  it.each([
    ['ts', module],
    ['mjs', module],
    ['cts', common],
    ['cjs', common],
    ['cjs', both],
  ])('is not missed by a .%s config, nor is drizzle-ops/config', async (ending, text) => {
    const read = await readConfig(folderOf({ [`drizzle.config.${ending}`]: text }))
    expect(read).toMatchObject({ table: 'found', ops: 'seed, drift' })
  })
})

describe('the environment of a config', () => {
  const dotenv = {
    'node_modules/dotenv': `→ ${new URL('../../node_modules/dotenv', import.meta.url).pathname}`,
  }

  it('holds the env files', async () => {
    const root = folderOf({
      '.env': 'TABLE=file',
      '.env.staging': 'TABLE=found',
      'drizzle.config.ts': config('process.env.TABLE'),
    })
    expect(await readConfig(root, { env: { NODE_ENV: 'staging' } })).toMatchObject({ table: 'found' })
    expect(await readConfig(root, { env: { TABLE: 'real' } })).toMatchObject({ table: 'real' })
  })

  it('holds what it loads itself with dotenv/config, before its own files run', async () => {
    const root = folderOf({
      ...dotenv,
      'own.env': 'TABLE=found',
      'src/env.ts': 'export const table = process.env.TABLE',
      'drizzle.config.ts': config('table', "import 'dotenv/config'\nimport { table } from './src/env'"),
    })
    expect(await readConfig(root, { env: { DOTENV_CONFIG_PATH: 'own.env' } })).toMatchObject({
      table: 'found',
    })
  })
})

it('prints nothing of what a config prints on stdout', async () => {
  const root = folderOf({
    'drizzle.config.ts': config("'found'", "console.log('greetings')\nconsole.table([1])"),
  })
  const { stdout, stderr, table } = await readConfig(root)
  expect(stdout).not.toContain('greetings')
  expect(stderr).toContain('greetings\n')
  expect(table).toBe('found')
})

/** Node warns of a module without a type, which is the project's own matter. */
function withoutNode(stderr: string): string {
  return stderr.replace(/^\(node:\d+\)(?: \[\w+\])? (?:Experimental)?Warning: [\s\S]*$/, '')
}
