import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { cacheFolder } from '../../src/project/cache.ts'
import { folderOf, readConfig } from '../support/configs.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'

let home: string
let root: string

beforeEach(() => {
  home = emptyFolder()
  root = folderOf({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
    'src/name.ts': "export const name = 'first'",
    'data.json': '{ "suffix": "" }',
    'drizzle.config.ts': `import { name } from '@/name'\nimport { suffix } from './data.json'\n${config('name + suffix')}`,
  })
})

describe('the second load', () => {
  it('takes what the first one has made', async () => {
    expect(await table()).toBe('first')
    forge()
    expect(await table()).toBe('forged')
  })

  it.each([
    ['a file that the config imports', 'src/name.ts', "export const name = 'second'", 'second'],
    ['a JSON file that it imports', 'data.json', '{ "suffix": "_2" }', 'first_2'],
    ['the config itself', 'drizzle.config.ts', config("'third'"), 'third'],
  ])('makes it anew after a change of %s', async (_, file, text, expected) => {
    await table()
    forge()
    write(join(root, file), text)
    expect(await table()).toBe(expected)
  })

  it('makes it anew after a change of the path aliases', async () => {
    await table()
    write(join(root, 'other/name.ts'), "export const name = 'other'")
    write(join(root, 'tsconfig.json'), '{ "compilerOptions": { "paths": { "@/*": ["./other/*"] } } }')
    expect(await table()).toBe('other')
  })

  it('makes it anew where a package has moved', async () => {
    const package_ = (version: string) => join(root, 'node_modules/.store', version, 'node_modules/pack')
    const install = (version: string) => {
      write(join(package_(version), 'package.json'), '{ "type": "module", "exports": "./index.js" }')
      write(join(package_(version), 'index.js'), `export const name = '${version}'`)
      rmSync(join(root, 'node_modules/pack'), { force: true })
      symlinkSync(package_(version), join(root, 'node_modules/pack'))
    }
    write(join(root, 'drizzle.config.ts'), `import { name } from 'pack'\n${config('name')}`)
    install('one')
    expect(await table()).toBe('one')
    rmSync(package_('one'), { recursive: true })
    install('two')
    expect(await table()).toBe('two')
  })

  it('survives a cache that was emptied, or filled with nonsense', async () => {
    await table()
    for (const name of modules()) rmSync(join(cache(), name))
    expect(await table()).toBe('first')
    for (const name of readdirSync(cache()).filter(name => name.endsWith('.json')))
      writeFileSync(join(cache(), name), '{')
    expect(await table()).toBe('first')
  })
})

describe('the folder of the cache', () => {
  it('is ours alone, with all that lies in it', async () => {
    await table()
    expect(mode(cache())).toBe('700')
    expect(readdirSync(cache()).map(name => mode(join(cache(), name)))).toEqual(['600', '600'])
  })

  it.each(['777', '720', '702'])('is not used with the mode %s', async permissions => {
    await table()
    forge()
    chmodSync(cache(), Number.parseInt(permissions, 8))
    expect(await table()).toBe('first')
    expect(readFileSync(join(cache(), modules()[0] ?? ''), 'utf8')).toContain('forged')
  })

  it('is not followed where it is a link', async () => {
    const elsewhere = emptyFolder()
    mkdirSync(join(home, '.cache'))
    symlinkSync(elsewhere, cache())
    expect(await table()).toBe('first')
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('lies where XDG_CACHE_HOME says', async () => {
    const elsewhere = emptyFolder()
    expect(await cacheFolder({ XDG_CACHE_HOME: elsewhere, HOME: home })).toBe(join(elsewhere, 'drizzle-ops'))
    expect(await cacheFolder({ HOME: home })).toBe(cache())
  })

  it.skipIf(process.getuid?.() !== 0)(
    'is not used where it belongs to somebody else (only root can give it away)',
    async () => {
      await table()
      forge()
      chownSync(cache(), 65_534, 65_534)
      expect(await table()).toBe('first')
    },
  )
})

describe('a config is read all the same', () => {
  it('without a home that can be written', async () => {
    expect(await readConfig(root, { env: { HOME: '/dev/null' } })).toMatchObject({ table: 'first' })
  })

  it('where the cache takes nothing', async () => {
    await table()
    // a folder in the place of the list of inputs: even root cannot put a file there
    for (const name of readdirSync(cache())) {
      rmSync(join(cache(), name))
      mkdirSync(join(cache(), name))
    }
    expect(await table()).toBe('first')
  })

  it('and leaves nothing in the folder for temporary files', async () => {
    const folder = emptyFolder()
    await readConfig(root, { env: { HOME: '/dev/null', TMPDIR: folder } })
    expect(readdirSync(folder)).toEqual([])
  })
})

async function table(): Promise<string | undefined> {
  return (await readConfig(root, { env: { HOME: home } })).table
}

/** Puts another word into the cached module, to see whether it is used. */
function forge() {
  for (const name of modules()) {
    const file = join(cache(), name)
    writeFileSync(file, readFileSync(file, 'utf8').replace('first', 'forged'))
  }
}

function modules(): string[] {
  return readdirSync(cache()).filter(name => name.endsWith('.mjs'))
}

function cache(): string {
  return join(home, '.cache/drizzle-ops')
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

function config(expression: string): string {
  return `export default { dialect: 'postgresql', migrations: { table: ${expression} } }\n`
}
