import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpsError } from '../errors.ts'

export interface JournalEntry {
  readonly tag: string
  /** Milliseconds since 1970. */
  readonly when: number
}

const WHITE_SPACE = /\s+/g

/**
 * The entries of drizzle-kit 0.x's meta/_journal.json in their order, which is the order of running; undefined
 * where there is none. Throws OpsError `journal-invalid`, exit 2.
 */
export function readJournal(folder: string): JournalEntry[] | undefined {
  const file = join(folder, 'meta', '_journal.json')
  const text = readIfThere(file)
  if (text === undefined) return undefined
  const entries = (parse(file, text) as { entries?: unknown })?.entries
  if (!Array.isArray(entries)) throw invalid(file, 'has no entries')
  return entries.map((entry: Partial<JournalEntry> | null, index) => {
    if (typeof entry?.tag !== 'string' || !Number.isFinite(entry.when))
      throw invalid(file, `has no tag or no when in entry ${index}`)
    return { tag: entry.tag, when: Number(entry.when) }
  })
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined
    throw invalid(file, `cannot be read (${code})`, 'Let this user read it.')
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // it may quote the file
    throw invalid(file, `is not JSON (${(cause as SyntaxError).message.replace(WHITE_SPACE, ' ')})`)
  }
}

const CONFLICT = 'A merge may have left conflict markers in it: mend it, or restore it from git.'

function invalid(file: string, why: string, hint = CONFLICT): OpsError {
  return new OpsError({
    code: 'journal-invalid',
    message: `The journal ${file} ${why}.`,
    hint,
    exit: 2,
    where: { file },
  })
}
