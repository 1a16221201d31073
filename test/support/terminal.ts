import { PassThrough } from 'node:stream'
import { main } from '../../src/main.ts'
import { emptyFolder, type Outcome } from './program.ts'

/** Runs drizzle-ops with a person at a terminal, who types the answer to the first question. */
export async function answered(args: readonly string[], cwd: string, answer: string): Promise<Outcome> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 120 })
  let stdout = ''
  let said = ''
  stderr.on('data', chunk => {
    said += chunk
    // every question ends so
    if (/[:\]] $/.test(said)) stdin.write(`${answer}\n`)
  })
  const code = await main(args, {
    stdin,
    stderr,
    stdout: {
      write: text => {
        stdout += text
      },
    },
    env: { HOME: emptyFolder() },
    cwd: () => cwd,
    on: () => undefined,
    off: () => undefined,
  })
  return { code, stdout, stderr: said }
}
