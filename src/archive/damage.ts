import { OpsError } from '../errors.ts'

/** Where in an archive something is wrong. Lines count from 1, of what the file holds when it is unpacked. */
export interface ArchivePlace {
  /** The file's name, or `standard input`. */
  readonly file: string
  readonly line?: number
}

/** Thrown for what is not as it was written. Nothing of it is used. */
export function damaged({ file, line }: ArchivePlace, what: string): OpsError {
  return new OpsError({
    code: 'archive-damaged',
    message: `${file} ${what}${line === undefined ? '' : ` (line ${line})`}.`,
    hint: 'Copy it again from where it was made, or export it anew; drizzle-ops archive verify <file> tells whether it is whole.',
    exit: 2,
    where: { file, ...(line !== undefined && { line }) },
  })
}
