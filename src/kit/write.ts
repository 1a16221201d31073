import { writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { escapePath } from 'tinyglobby'
import type { Project } from '../project/project.ts'
import type { Call } from './calls.ts'
import type { FoundKit } from './find.ts'

/** A migration that drizzle-kit is to write. */
export interface WriteRequest {
  /** The migrations folder or a copy of it, in a folder that may hold a config. */
  readonly out: string
  readonly name: string | undefined
  readonly custom: boolean
  /** As `Difference.answers` has them. */
  readonly answers: readonly unknown[]
}

export type Written =
  | { readonly outcome: 'written' | 'unchanged' | 'asks' }
  | { readonly outcome: 'failed'; readonly why: string; readonly branches?: readonly string[] }

export async function writeMigration(
  call: Call,
  { layout, bin }: FoundKit,
  project: Project,
  files: readonly string[],
  request: WriteRequest,
): Promise<Written> {
  const { breakpoints, casing, migrations } = project.config
  const config = {
    dialect: 'postgresql',
    // drizzle-kit reads each as a glob
    schema: files.map(escapePath),
    // 0.31 cannot take an absolute path
    out: relative(project.root, request.out),
    breakpoints,
  }
  return layout === 'journal'
    ? byCommand(call, bin, project, { ...config, casing, migrations }, request)
    : byFunction(call, config, request)
}

/** By the journal's drizzle-kit, whose exit code tells nothing. */
async function byCommand(
  call: Call,
  bin: string,
  project: Project,
  config: object,
  { out, name, custom, answers }: WriteRequest,
): Promise<Written> {
  const file = join(dirname(out), 'drizzle.config.json')
  writeFileSync(file, JSON.stringify(config))
  const args = ['generate', `--config=${relative(project.root, file)}`]
  if (name !== undefined) args.push(`--name=${name}`)
  if (custom) args.push('--custom')
  const { asks, said } = await call<{ asks: boolean; said: string }>('commanded', { bin, args, answers })
  if (asks) return { outcome: 'asks' }
  if (said.includes('Your SQL migration file')) return { outcome: 'written' }
  if (said.includes('No schema changes')) return { outcome: 'unchanged' }
  return { outcome: 'failed', why: said }
}

interface Response {
  readonly status: 'ok' | 'no_changes' | 'missing_hints' | 'error'
  readonly error?: {
    readonly code: string
    readonly message?: string
    readonly details?: readonly { readonly branches: readonly { readonly leafPath: string }[] }[]
  }
}

const OUTCOMES = { ok: 'written', no_changes: 'unchanged', missing_hints: 'asks' } as const

/** By 1.0's. */
async function byFunction(
  call: Call,
  config: object,
  { name, custom, answers }: WriteRequest,
): Promise<Written> {
  const { status, error } = await call<Response>('written', { ...config, name, custom, hints: answers })
  if (status !== 'error') return { outcome: OUTCOMES[status] }
  const branches = error?.details?.[0]?.branches.map(({ leafPath }) => leafPath)
  return { outcome: 'failed', why: error?.message ?? JSON.stringify(error), ...(branches && { branches }) }
}
