import { basename } from 'node:path'
import { OpsError } from '../errors.ts'
import type { Written } from '../kit/write.ts'
import { collision } from './chain.ts'

type Failed = Extract<Written, { outcome: 'failed' }>

const BLANK = /\n\s*\n/

/** What drizzle-kit said when it wrote nothing, as an error. */
export function failure(version: string, { why, branches }: Failed): OpsError {
  if (branches) return collision(branches.map(path => basename(path)))
  const [first = ''] = why.trim().split(BLANK)
  return nothingWritten(version, first.replaceAll('\n', ' '))
}

/** drizzle-kit 0.31 exits 0 also where it has failed, so that only the disk tells. */
export function nothingWritten(version: string, why: string): OpsError {
  return new OpsError({
    code: 'drizzle-kit',
    message: `drizzle-kit ${version} wrote no migration: ${why || 'it ended without a word'}`,
    hint: 'See whether drizzle-kit generate says more; a newer drizzle-kit may know better.',
  })
}
