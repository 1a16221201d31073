import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { OpsError } from '../errors.ts'

const CRLF = /\r\n/g
const LF = /\r?\n/g
const BOM = '\ufeff'

/** The SHA-256 of a migration file as drizzle takes it: of the text, so that bytes that are not UTF-8 count as U+FFFD. */
export function fingerprint(file: string): { readonly hash: string; otherLineEndings(): readonly string[] } {
  const bytes = readMigrationFile(file)
  return {
    hash: sha256(isUtf8(bytes) ? bytes : bytes.toString()),
    otherLineEndings: () => {
      const text = readMigrationFile(file).toString()
      return [sha256(text.replace(CRLF, '\n')), sha256(text.replace(LF, '\r\n'))]
    },
  }
}

/**
 * A migration's text, ready to run, and the hash of just this text. PostgreSQL takes a byte order mark for a
 * syntax error, so it is left out; the hash keeps it, as drizzle's does.
 * Throws OpsError `not-utf8`, exit 2: drizzle would run it with its foreign bytes replaced.
 */
export function readSql(file: string): { readonly text: string; readonly hash: string } {
  const bytes = readMigrationFile(file)
  if (!isUtf8(bytes)) {
    throw new OpsError({
      code: 'not-utf8',
      message: `${file} is not UTF-8, so its text would reach the database changed.`,
      hint: 'Save it as UTF-8.',
      exit: 2,
      where: { file },
    })
  }
  const text = bytes.toString()
  return { text: text.startsWith(BOM) ? text.slice(1) : text, hash: sha256(bytes) }
}

function readMigrationFile(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new OpsError({
      code: 'sql-file-missing',
      message: `The migration file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      hint: 'Restore it from git; the journal names it.',
      exit: 2,
      where: { file },
      cause,
    })
  }
}

function sha256(text: Buffer | string): string {
  return createHash('sha256').update(text).digest('hex')
}
