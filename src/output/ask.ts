import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { OutputStream } from '../main.ts'

/** One question on stderr, one line as the answer. Rejects with the signal's reason when interrupted. */
export async function ask(
  question: string,
  stdin: Readable,
  stderr: OutputStream,
  signal: AbortSignal,
): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr as unknown as Writable })
  try {
    return (await lines.question(`${question} `, { signal })).trim()
  } finally {
    lines.close()
  }
}
