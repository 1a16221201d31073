import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { documentOf, type Outcome, ops, type ProgramOptions } from './program.ts'

/** All that people and scripts are told of a failure. */
export interface Failure {
  readonly exit: number
  /** stderr without `--json`. */
  readonly text: string
  /** stdout with `--json`. */
  readonly document: object
}

/** What a failure is expected to tell, each thing said once. */
export interface Told {
  readonly exit: number
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly sqlstate?: string
  readonly where?: object
  /** The line of a file and the caret below it, as they are printed. */
  readonly excerpt?: readonly string[]
  /** The database that was reached. */
  readonly database?: object
  /** The command's own keys. */
  readonly known?: object
  /** The lines on stderr before the error. */
  readonly notes?: readonly string[]
}

const secrets = new Set<string>()

/** A password that nothing may ever print. */
export function secret(password = randomBytes(9).toString('base64url')): string {
  secrets.add(password)
  return password
}

/** The URL with a secret as its password, which a server that trusts us does not ask for. */
export function withSecret(url: string, password?: string): string {
  return url.replace('@', `:${secret(password)}@`)
}

/** Fails where a secret was printed. */
export function expectNoSecret(...printed: readonly string[]): void {
  for (const password of secrets) {
    for (const text of printed)
      expect(text.includes(password), `a password was printed:\n${text}`).toBe(false)
  }
}

export interface FailureOptions extends ProgramOptions {
  /** Puts things back before each of the runs. */
  before?(): Promise<unknown>
  /** What happens while each of them is under way. */
  during?(): Promise<unknown>
}

/** Runs something that is to fail, for people, verbosely and for scripts, and looks for secrets in each run. */
export async function failure(args: readonly string[], options: FailureOptions = {}): Promise<Failure> {
  const { before, during, ...rest } = options
  const once = async (...flags: readonly string[]) => {
    await before?.()
    const [outcome] = await Promise.all([silent([...args, ...flags], rest), during?.()])
    return outcome
  }
  const text = await once()
  const verbose = await once('--verbose')
  const json = await once('--json')
  expect(text.stdout).toBe('')
  expect([verbose.code, json.code]).toEqual([text.code, text.code])
  return { exit: text.code, text: text.stderr, document: documentOf(json) }
}

/** One run, without a secret on any stream. */
export async function silent(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const outcome = await ops(args, options)
  expectNoSecret(outcome.stdout, outcome.stderr)
  return outcome
}

/** The whole text and the whole document that belong to what is told. */
export function told({ exit, notes = [], excerpt = [], database, known, ...error }: Told): Failure {
  const { code, message, hint, sqlstate } = error
  const lines = [
    ...notes,
    `error: ${indented(message)} [${code}${sqlstate ? `, SQLSTATE ${sqlstate}` : ''}]`,
    ...excerpt,
    `  → ${indented(hint)}`,
  ]
  return {
    exit,
    text: lines.map(line => `${line}\n`).join(''),
    document: { schemaVersion: 1, ...(database && { database }), ...known, error },
  }
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n    ')
}
