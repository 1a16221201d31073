import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ImportResult } from '../../src/commands/import.ts'
import { documentOf, emptyFolder, type Outcome, ops, type ProgramOptions } from '../support/program.ts'

/** Exports with the program and gives the file. */
export async function exported(
  args: readonly string[],
  url: string,
  here: ProgramOptions = {},
): Promise<string> {
  const file = join(emptyFolder(), 'archive.ndjson')
  const { code, stderr } = await ops(['export', ...args, '-o', file, '--url', url, '--quiet'], here)
  expect([code, stderr]).toEqual([0, ''])
  return file
}

/** Imports with the program, consent given. */
export async function importing(
  file: string,
  url: string,
  args: readonly string[] = [],
  here: ProgramOptions = {},
): Promise<Outcome> {
  return ops(['import', file, '--url', url, '--yes', '--json', ...args], here)
}

/** The same where it has to succeed. */
export async function imported(
  file: string,
  url: string,
  args: readonly string[] = [],
  here: ProgramOptions = {},
): Promise<ImportResult> {
  const outcome = await importing(file, url, args, here)
  expect([outcome.code, outcome.code === 0 ? '' : outcome.stdout]).toEqual([0, ''])
  return documentOf<ImportResult>(outcome)
}

/** The error's own words of a run that has to fail. */
export async function refusal(
  file: string,
  url: string,
  args: readonly string[] = [],
  here: ProgramOptions = {},
) {
  const { code, stdout } = await importing(file, url, args, here)
  const { error } = JSON.parse(stdout) as { error?: { code: string; message: string; hint: string } }
  return { exit: code, ...error }
}

/** All of an archive but the line that says when and of what server it was made. */
export function rowsOf(file: string): string {
  const text = readFileSync(file, 'utf8')
  return text.slice(text.indexOf('\n') + 1)
}
