import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { OpsError } from '../errors.ts'

const BOM = '\ufeff'

/**
 * A migration's text, ready to run. PostgreSQL takes a byte order mark for a syntax error, so it is left out.
 * Throws OpsError `not-utf8`, exit 2: drizzle would run it with its foreign bytes replaced.
 */
export function readSqlText(file: string): string {
  return textOf(readMigrationFile(file), file)
}

/** The same of bytes that have been read. `file` names them in the error. */
export function textOf(bytes: Buffer, file: string): string {
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
  return text.startsWith(BOM) ? text.slice(1) : text
}

export function readMigrationFile(file: string): Buffer {
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
