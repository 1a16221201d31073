import { randomBytes } from 'node:crypto'
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OpsError } from '../errors.ts'
import { collectMetrics, type Metrics } from './metrics.ts'

/**
 * Runs `work` and writes what was measured, also where it fails; then its own error is thrown, whatever becomes of the
 * file. Whoever reads the file sees the last run's or this one's, whole.
 * Throws OpsError `file-unwritable`: exit 2 before the work begins, exit 1 once it is done.
 */
export async function withMetricsFile<T>(file: string, work: (metrics: Metrics) => Promise<T>): Promise<T> {
  await checkPlace(file)
  const metrics = collectMetrics()
  const done = await work(metrics).catch(async error => {
    await write(file, metrics.text()).catch(() => {})
    throw error
  })
  await write(file, metrics.text())
  return done
}

async function checkPlace(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK)
    const there = await stat(file).catch(() => undefined)
    if (there?.isDirectory()) throw new Error('It is a folder')
  } catch (cause) {
    throw unwritable('The metrics cannot be written', file, cause, 2)
  }
}

async function write(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}`)
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, file)
  } catch (cause) {
    throw unwritable('The work is done, but its metrics cannot be written', file, cause, 1)
  } finally {
    await rm(draft, { force: true })
  }
}

function unwritable(what: string, file: string, cause: unknown, exit: 1 | 2): OpsError {
  return new OpsError({
    code: 'file-unwritable',
    message: `${what} to ${file}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Choose another place with --metrics <file>.',
    exit,
    cause,
  })
}
