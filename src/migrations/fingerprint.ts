import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readMigrationFile, textOf } from './sql-file.ts'

const CRLF = /\r\n/g
const LF = /\r?\n/g

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
 * A migration's text, ready to run, and the hash of just this text, which keeps a byte order mark as drizzle's does.
 * Throws OpsError `not-utf8`, exit 2.
 */
export function readSql(file: string): { readonly text: string; readonly hash: string } {
  const bytes = readMigrationFile(file)
  return { text: textOf(bytes, file), hash: sha256(bytes) }
}

function sha256(text: Buffer | string): string {
  return createHash('sha256').update(text).digest('hex')
}
