import { randomBytes } from 'node:crypto'
import { access, constants, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OpsError } from '../errors.ts'
import { collectMetrics, type Metrics } from './metrics.ts'

/**
 * Runs `work` and writes what was measured, also where it fails. Whoever reads the file sees the last run's or this
 * one's, whole. Throws OpsError `file-unwritable`, exit 2, before the work begins.
 */
export async function withMetricsFile<T>(file: string, work: (metrics: Metrics) => Promise<T>): Promise<T> {
  await access(dirname(file), constants.W_OK).catch(cause => {
    throw unwritable(file, cause)
  })
  const metrics = collectMetrics()
  try {
    return await work(metrics)
  } finally {
    await write(file, metrics.text())
  }
}

async function write(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}`)
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, file)
  } catch (cause) {
    throw unwritable(file, cause)
  } finally {
    await rm(draft, { force: true })
  }
}

function unwritable(file: string, cause: unknown): OpsError {
  return new OpsError({
    code: 'file-unwritable',
    message: `The metrics cannot be written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Choose another place with --metrics <file>.',
    exit: 2,
    cause,
  })
}
