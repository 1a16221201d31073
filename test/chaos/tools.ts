import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Migration } from './migrations.ts'
import type { Project } from './project.ts'

export type ToolName = 'drizzle-ops' | 'drizzle-kit'

/** A runner of migrations, as a process of its own. */
export interface Tool {
  readonly name: ToolName
  /** The codes with which it may end, null where a signal ends it. */
  readonly exits: Readonly<Record<Ending, readonly (number | null)[]>>
  /** How its users write a file. */
  text(migration: Migration): string
  /** `flags` are drizzle-ops's, and left out elsewhere. */
  migrate(project: Project, url: string, ...flags: readonly string[]): Running
}

/** What may happen to a run: nothing, or it is killed, stopped by SIGTERM, or loses its session. */
export type Ending = 'done' | 'killed' | 'stopped' | 'lost'

export interface Running {
  readonly ended: Promise<Ended>
  signal(name: NodeJS.Signals): void
}

export interface Ended {
  /** null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** It had to be killed. */
  readonly hung: boolean
}

const repository = join(import.meta.dirname, '../..')
const PATIENCE = 30_000
const breakpoint = ';\n--> statement-breakpoint\n'

export const drizzleOps: Tool = {
  name: 'drizzle-ops',
  exits: { done: [0], killed: [0, null], stopped: [0, 143], lost: [0, 3] },
  text: ({ statements }) => statements.join(breakpoint),
  migrate: (project, url, ...flags) => ops(project, 'migrate', '--url', url, ...flags),
}

/** 0.31. Its users leave its one transaction by a COMMIT where a statement cannot run in it. */
export const drizzleKit: Tool = {
  name: 'drizzle-kit',
  exits: { done: [0], killed: [0, null], stopped: [0, null], lost: [0, 1] },
  text: ({ statements, online }) => [...(online ? ['COMMIT'] : []), ...statements].join(breakpoint),
  migrate: ({ root }, url) => {
    const config = { dialect: 'postgresql', out: './drizzle', dbCredentials: { url } }
    writeFileSync(join(root, 'stock.config.json'), JSON.stringify(config))
    return start(root, 'node_modules/drizzle-kit/bin.cjs', ['migrate', '--config=stock.config.json'])
  },
}

/** Any command of drizzle-ops. */
export function ops({ root }: Project, ...args: readonly string[]): Running {
  return start(root, 'bin/drizzle-ops.js', [...args, '--json'])
}

function start(cwd: string, script: string, args: readonly string[]): Running {
  const child = spawn(process.execPath, [join(repository, script), ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', text => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (output.stderr += text))
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, PATIENCE)
  const ended = once(child, 'close').then(([code]) => {
    clearTimeout(timer)
    return { ...output, code, hung }
  })
  return { ended, signal: name => void child.kill(name) }
}
