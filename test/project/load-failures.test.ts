import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Files, failToRead, folderOf } from '../support/configs.ts'
import { run } from '../support/spawn.ts'

const VARIABLE = 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).'
const LINE = 'Mend that line; drizzle-kit reads the same file.'
const MISSING = 'Install the package, or correct the path; aliases are read from tsconfig.json.'

interface Failure {
  readonly code: 'config-throws' | 'config-syntax' | 'module-missing'
  readonly message: string
  readonly hint: string
  /** The first of them is the folder's own. */
  readonly where: { readonly file: string; readonly line?: number; readonly column?: number }
}

/** `ROOT` stands for the folder. */
const failures: [what: string, files: Files, failure: Failure][] = [
  [
    'a config that throws',
    {
      'drizzle.config.ts':
        "type Text = string\n\nconst url: Text = process.env.MISSING ?? fail()\nfunction fail(): never {\n  throw new Error('MISSING is not set')\n}\nexport default { url }",
    },
    {
      code: 'config-throws',
      message: 'ROOT/drizzle.config.ts line 5 threw: MISSING is not set',
      hint: VARIABLE,
      where: { file: 'ROOT/drizzle.config.ts', line: 5, column: 9 },
    },
  ],
  [
    'a file of its own that throws',
    {
      'drizzle.config.ts': "import { url } from './src/env'\nexport default { url }",
      'src/env.ts':
        "interface Env { url: string }\n\n\nexport const { url }: Env = read()\nfunction read(): Env { throw new TypeError('no env') }",
    },
    {
      code: 'config-throws',
      message: 'ROOT/src/env.ts line 5 threw: no env',
      hint: VARIABLE,
      where: { file: 'ROOT/src/env.ts', line: 5, column: 30 },
    },
  ],
  [
    'a package that throws for its caller',
    {
      'node_modules/checked/package.json': '{ "type": "module", "exports": "./index.js" }',
      'node_modules/checked/index.js':
        "export function check() {\n  throw new Error('Invalid environment variables')\n}",
      'src/env.ts': "import { check } from 'checked'\n\nexport const env = check()",
      'drizzle.config.ts': "import { env } from './src/env'\nexport default { env }",
    },
    {
      code: 'config-throws',
      message: 'ROOT/src/env.ts line 3 threw: Invalid environment variables',
      hint: VARIABLE,
      where: { file: 'ROOT/src/env.ts', line: 3, column: 20 },
    },
  ],
  [
    'Node itself throwing for the config',
    { 'drizzle.config.ts': "export default {\n  url: new URL(process.env.MISSING ?? '').href,\n}" },
    {
      code: 'config-throws',
      message: 'ROOT/drizzle.config.ts line 2 threw: Invalid URL',
      hint: VARIABLE,
      where: { file: 'ROOT/drizzle.config.ts', line: 2, column: 8 },
    },
  ],
  [
    'a promise that is rejected',
    {
      'drizzle.config.ts': "const later = Promise.reject(new Error('no answer'))\nexport default await later",
    },
    {
      code: 'config-throws',
      message: 'ROOT/drizzle.config.ts line 1 threw: no answer',
      hint: VARIABLE,
      where: { file: 'ROOT/drizzle.config.ts', line: 1, column: 30 },
    },
  ],
  [
    'something thrown that is no error',
    { 'drizzle.config.ts': "throw 'a word'" },
    {
      code: 'config-throws',
      message: 'ROOT/drizzle.config.ts threw: a word',
      hint: VARIABLE,
      where: { file: 'ROOT/drizzle.config.ts' },
    },
  ],
  [
    'a plain JavaScript config that throws',
    { 'drizzle.config.mjs': "\nthrow new Error('MISSING is not set')" },
    {
      code: 'config-throws',
      message: 'ROOT/drizzle.config.mjs line 2 threw: MISSING is not set',
      hint: VARIABLE,
      where: { file: 'ROOT/drizzle.config.mjs', line: 2, column: 7 },
    },
  ],
  [
    'a CommonJS config that throws',
    { 'drizzle.config.cjs': "\nthrow new Error('MISSING is not set')" },
    {
      code: 'config-throws',
      message: 'ROOT/drizzle.config.cjs line 2 threw: MISSING is not set',
      hint: VARIABLE,
      where: { file: 'ROOT/drizzle.config.cjs', line: 2, column: 7 },
    },
  ],
  [
    'a syntax error',
    { 'drizzle.config.ts': "export default {\n  dialect: 'postgresql',,\n}" },
    {
      code: 'config-syntax',
      message: 'ROOT/drizzle.config.ts line 2 cannot be compiled: Expected identifier but found ",".',
      hint: LINE,
      where: { file: 'ROOT/drizzle.config.ts', line: 2, column: 25 },
    },
  ],
  [
    'a syntax error in plain JavaScript',
    { 'drizzle.config.mjs': "export default {\n  dialect: 'postgresql',,\n}" },
    {
      code: 'config-syntax',
      message: 'ROOT/drizzle.config.mjs line 2 cannot be compiled: Expected identifier but found ",".',
      hint: LINE,
      where: { file: 'ROOT/drizzle.config.mjs', line: 2, column: 25 },
    },
  ],
  [
    'a syntax error in a file of its own',
    { 'drizzle.config.ts': "import './src/env'", 'src/env.ts': '\nexport const a = = 1' },
    {
      code: 'config-syntax',
      message: 'ROOT/src/env.ts line 2 cannot be compiled: Unexpected "=".',
      hint: LINE,
      where: { file: 'ROOT/src/env.ts', line: 2, column: 18 },
    },
  ],
  [
    'a name that a file does not export',
    {
      'drizzle.config.mjs': "import { url } from './env.mjs'\nexport default { url }",
      'env.mjs': 'export const uri = 1',
    },
    {
      code: 'config-syntax',
      message:
        'ROOT/drizzle.config.mjs line 1 cannot be compiled: No matching export in "env.mjs" for import "url".',
      hint: LINE,
      where: { file: 'ROOT/drizzle.config.mjs', line: 1, column: 10 },
    },
  ],
  [
    'a package that is not installed',
    { 'drizzle.config.ts': "import x from 'not-there'\nexport default { x }" },
    {
      code: 'module-missing',
      message: 'ROOT/drizzle.config.ts line 1 imports "not-there", which cannot be found.',
      hint: MISSING,
      where: { file: 'ROOT/drizzle.config.ts', line: 1, column: 15 },
    },
  ],
  [
    'the same by require',
    { 'drizzle.config.cjs': "\nconst x = require('not-there')" },
    {
      code: 'module-missing',
      message: 'ROOT/drizzle.config.cjs line 2 imports "not-there", which cannot be found.',
      hint: MISSING,
      where: { file: 'ROOT/drizzle.config.cjs', line: 2, column: 19 },
    },
  ],
  [
    'a file that is not there',
    { 'drizzle.config.ts': "import './src/env'", 'src/env.ts': "\nimport '../secrets.js'" },
    {
      code: 'module-missing',
      message: 'ROOT/src/env.ts line 2 imports "../secrets.js", which cannot be found.',
      hint: MISSING,
      where: { file: 'ROOT/src/env.ts', line: 2, column: 8 },
    },
  ],
]

describe('is told with its place:', () => {
  it.each(failures)('%s', async (_, files, failure) => {
    const root = folderOf(files)
    const { code, error } = await failToRead(root)
    expect(error).toEqual(JSON.parse(JSON.stringify(failure).replaceAll('ROOT', root)))
    expect(code).toBe(2)
  })
})

it('shows the line that cannot be compiled', async () => {
  const root = folderOf({ 'drizzle.config.ts': "export default {\n  dialect: 'postgresql',,\n}" })
  expect(await run(['status'], { cwd: root })).toEqual({
    stdout: '',
    stderr: `error: ${root}/drizzle.config.ts line 2 cannot be compiled: Expected identifier but found ",". [config-syntax]
  2 |   dialect: 'postgresql',,
                              ^
  → ${LINE}
`,
    code: 2,
    signal: null,
  })
})

it('tells the place also where nothing can be cached, and with source maps on', async () => {
  const root = folderOf({ 'drizzle.config.ts': 'const a: number = 1\nthrow new Error(String(a))' })
  const place = { file: join(root, 'drizzle.config.ts'), line: 2, column: 7 }
  for (const env of [{ HOME: '/dev/null' }, { NODE_OPTIONS: '--enable-source-maps' }])
    expect(await failToRead(root, { env }), Object.keys(env)[0]).toMatchObject({ error: { where: place } })
})

describe('a JSON config', () => {
  it.each([
    ['nonsense', '{\n  "dialect": postgresql\n}'],
    ['nothing', ''],
  ])('of %s', async (_, text) => {
    const root = folderOf({ 'drizzle.config.json': text })
    const file = join(root, 'drizzle.config.json')
    expect(await failToRead(root)).toMatchObject({
      code: 2,
      error: {
        code: 'config-syntax',
        message: expect.stringMatching(`^${file} is not JSON: .+\\.$`),
        hint: 'Mend the file, or use drizzle.config.ts.',
        where: { file },
      },
    })
  })
})
