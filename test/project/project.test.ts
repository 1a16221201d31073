import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findProject, openProject } from '../../src/project/project.ts'
import { folderOf } from '../support/configs.ts'
import { contextWith } from '../support/context.ts'
import { emptyFolder, ops } from '../support/program.ts'
import { thrown } from '../support/thrown.ts'

const json = (config: unknown) => ({ 'drizzle.config.json': JSON.stringify(config) })
const least = { dialect: 'postgresql' }

describe('a project', () => {
  it('has what drizzle-kit takes where the config says nothing', async () => {
    const root = folderOf(json(least))
    expect(await openProject(contextWith({ cwd: root }))).toEqual({
      configFile: join(root, 'drizzle.config.json'),
      root,
      config: least,
      ops: {},
      envFiles: [],
      out: join(root, 'drizzle'),
      migrationsTable: { schema: 'drizzle', table: '__drizzle_migrations' },
    })
  })

  it('has what the config says', async () => {
    const config = {
      ...least,
      schema: ['./a.ts', './b/*.ts'],
      out: './sql',
      casing: 'snake_case',
      schemaFilter: ['app'],
      migrations: { table: 'history', schema: 'app' },
    }
    const root = folderOf({ ...json(config), '.env': 'A=1', 'inner/.env': 'B=2' })
    const env: NodeJS.ProcessEnv = {}
    const project = await openProject(contextWith({ cwd: join(root, 'inner'), env }))
    expect(project).toMatchObject({
      root,
      config,
      out: join(root, 'sql'),
      migrationsTable: { schema: 'app', table: 'history' },
      envFiles: [
        { file: join(root, '.env'), variables: ['A'] },
        { file: join(root, 'inner/.env'), variables: ['B'] },
      ],
    })
    expect(env).toEqual({ A: '1', B: '2' })
  })

  it.each([
    ['beside the config', ['db/sql', 'sql'], 'db/sql'],
    ['in the working directory, as drizzle-kit looks', ['sql'], 'sql'],
    ['beside the config where there is none yet', [], 'db/sql'],
  ])('has its migrations %s', async (_, folders, expected) => {
    const root = folderOf({ 'db/kit.json': JSON.stringify({ ...least, out: './sql' }) })
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true })
    const project = await openProject(contextWith({ cwd: root, globals: { config: 'db/kit.json' } }))
    expect(project.out).toBe(join(root, expected))
  })

  it('may be missing for a command that a URL is enough for, and its env files are read', async () => {
    const root = folderOf({ '.env': 'DATABASE_URL=postgres://h/d' })
    const env: NodeJS.ProcessEnv = {}
    expect(await findProject(contextWith({ cwd: root, env }))).toBe(undefined)
    expect(env).toEqual({ DATABASE_URL: 'postgres://h/d' })
  })

  it('is missed by every other command', async () => {
    const cwd = emptyFolder()
    expect(await ops(['migrate', '--url', 'postgres://h/d'], { cwd })).toEqual({
      stdout: '',
      stderr: `error: There is no drizzle.config.{ts,mts,cts,js,mjs,cjs,json} in ${cwd} or above it up to the nearest package.json. [config-missing]\n  → Change into the project, or name the file with --config <file>.\n`,
      code: 2,
    })
  })
})

describe('a config that is none', () => {
  it.each([
    [{}, 'exports no drizzle config as its default'],
    [null, 'exports no drizzle config as its default'],
    ['postgresql', 'exports no drizzle config as its default'],
    [{ out: './drizzle' }, 'has the dialect unset, not "postgresql"'],
    [{ dialect: 'sqlite' }, 'has the dialect "sqlite", not "postgresql"'],
    [{ dialect: 'postgresql', out: 1 }, 'needs text under out'],
  ])('%o', async (config, why) => {
    const root = folderOf(json(config))
    expect(await thrown(() => openProject(contextWith({ cwd: root })))).toMatchObject({
      code: 'config-invalid',
      message: `${root}/drizzle.config.json ${why}.`,
      hint: "Write export default defineConfig({ dialect: 'postgresql', out: './drizzle', … }).",
      exit: 2,
    })
  })
})
