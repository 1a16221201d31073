import { PassThrough, Readable } from 'node:stream'
import type { Context } from '../../src/command.ts'
import type { Globals } from '../../src/options.ts'
import type { Project } from '../../src/project/project.ts'

export interface ContextParts {
  readonly globals?: Partial<Globals>
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly stdin?: string
}

/** What a function that takes a context sees without a program around it. */
export function contextWith({ globals, cwd = '/', env = {}, stdin = '' }: ContextParts): Context {
  return {
    globals: { format: 'table', color: 'auto', allow: [], connectTimeout: 10_000, ...globals },
    cwd,
    env,
    signal: new AbortController().signal,
    report: { note() {}, notice() {}, warn() {}, progress() {}, sql() {} },
    readStandardInput: async () => stdin,
    input: () => Readable.from([stdin]),
    output: () => new PassThrough(),
    ask: async () => undefined,
    reached() {},
    event() {},
    publish: async () => {},
    refresh: async () => true,
  }
}

/** A project as its config would make it. */
export function projectWith({ config = {}, ops = {} }: Partial<Pick<Project, 'config' | 'ops'>>): Project {
  return {
    configFile: '/app/drizzle.config.ts',
    root: '/app',
    config: { dialect: 'postgresql', ...config },
    ops,
    envFiles: [],
    out: '/app/drizzle',
    migrationsTable: { schema: 'drizzle', table: '__drizzle_migrations' },
  }
}
