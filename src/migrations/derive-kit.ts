import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import type { Value } from './derive-entities.ts'
import type { Layout } from './folder.ts'

/** The project's own drizzle-kit, at work in a process of its own. */
export interface Kit {
  readonly version: string
  /** The SQL that leads from one state to the other. Throws where it cannot tell. */
  difference(from: Value, to: Value): Promise<string[]>
  /** The state that a 1.0 snapshot stands for, which may hold only what one migration changed. */
  reconstruct(snapshots: Readonly<Record<string, Value>>, id: string): Promise<Value>
}

/** Answers calls by message, so that whatever drizzle-kit prints disturbs nobody. */
const WORKER = `
const api = require(process.argv[1])
process.on('message', async ({ id, call, args }) => {
  try {
    process.send({ id, result: await api[call](...args) })
  } catch (error) {
    process.send({ id, error: String(error?.message ?? error) })
  }
})`

const MODULES: Readonly<Record<Layout, string>> = {
  journal: 'drizzle-kit/api',
  folders: 'drizzle-kit/api-postgres',
}

/** Runs `work` with the drizzle-kit that the project has. Throws OpsError `drizzle-kit`, exit 2, where it has none that fits. */
export async function withKit<T>(
  context: Context,
  project: Project,
  layout: Layout,
  work: (kit: Kit) => Promise<T>,
): Promise<T> {
  const { module, version } = findKit(project, layout)
  const child = spawn(process.execPath, ['-e', WORKER, module], {
    cwd: project.root,
    env: context.env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal: context.signal,
  })
  const ask = questionsTo(child, version)
  try {
    return await work({
      version,
      difference: (from, to) => ask<string[]>('generateMigration', from, to),
      reconstruct: (snapshots, id) => ask<Value>('reconstruct', snapshots, id),
    })
  } finally {
    child.kill()
  }
}

function findKit(project: Project, layout: Layout): { readonly module: string; readonly version: string } {
  const require = createRequire(join(project.root, 'package.json'))
  try {
    const module = require.resolve(MODULES[layout])
    return { module, version: versionAbove(module) }
  } catch (cause) {
    const installed = otherKit(require, layout)
    throw new OpsError({
      code: 'drizzle-kit',
      message: installed
        ? `The way back is derived by drizzle-kit, and the one of ${project.root} is ${installed}, which does not make this layout of the migrations folder (${layout}).`
        : `The way back is derived by drizzle-kit, and ${project.root} has none.`,
      hint: installed
        ? 'Install the drizzle-kit that made these migrations, or write the way back into a down file.'
        : 'Install it there (npm install --save-dev drizzle-kit), or write the way back into a down file.',
      exit: 2,
      cause,
    })
  }
}

function otherKit(require: NodeJS.Require, layout: Layout): string | undefined {
  try {
    return versionAbove(require.resolve(MODULES[layout === 'journal' ? 'folders' : 'journal']))
  } catch {
    return undefined
  }
}

function versionAbove(module: string): string {
  const folder = dirname(module)
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
  return folder === dirname(folder) ? 'unknown' : versionAbove(folder)
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

interface Question {
  resolve(result: unknown): void
  reject(error: Error): void
}

function questionsTo(child: ChildProcess, version: string) {
  let asked = 0
  let complaints = ''
  let gone: Error | undefined
  const open = new Map<number, Question>()
  const end = (error: Error) => {
    gone ??= error
    for (const { reject } of open.values()) reject(error)
  }
  child.stderr?.setEncoding('utf8').on('data', text => {
    complaints += text
  })
  child.on('message', ({ id, result, error }: Answer) => {
    const question = open.get(id)
    open.delete(id)
    if (error === undefined) question?.resolve(result)
    else question?.reject(failed(version, error))
  })
  child.on('error', end)
  child.on('close', () =>
    end(failed(version, complaints.trim().split('\n').at(-1) || 'it ended without a word')),
  )
  return <T>(call: string, ...args: readonly unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      if (gone) return reject(gone)
      asked += 1
      open.set(asked, { resolve: result => resolve(result as T), reject })
      child.send({ id: asked, call, args })
    })
}

function failed(version: string, why: string): OpsError {
  return new OpsError({
    code: 'drizzle-kit',
    message: `drizzle-kit ${version} could not derive the way back: ${why}`,
    hint: 'Write the way back into a down file.',
  })
}
