import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpsError } from '../errors.ts'

export interface JournalEntry {
  readonly tag: string
  /** Milliseconds since 1970. */
  readonly when: number
}

/** The entries of drizzle-kit 0.x's meta/_journal.json in their order, which is the order of running. */
export function readJournal(folder: string): JournalEntry[] {
  const file = join(folder, 'meta', '_journal.json')
  const entries = (parse(file) as { entries?: unknown })?.entries
  if (!Array.isArray(entries)) throw invalid(file, 'has no entries')
  return entries.map((entry: Partial<JournalEntry> | null, index) => {
    if (typeof entry?.tag !== 'string' || !Number.isFinite(entry.when))
      throw invalid(file, `has no tag or no when in entry ${index}`)
    return { tag: entry.tag, when: Number(entry.when) }
  })
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw invalid(file, `is not JSON (${cause.message})`)
  }
}

function invalid(file: string, why: string): OpsError {
  return new OpsError({
    code: 'journal-invalid',
    message: `The journal ${file} ${why}.`,
    hint: 'A merge may have left conflict markers in it: mend it, or restore it from git.',
    exit: 2,
    where: { file },
  })
}
