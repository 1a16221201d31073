import { createHash } from 'node:crypto'
import type { Encoding } from '../graph/codec.ts'

/** What the first line of every archive begins with. Another number is another format. */
export const FORMAT = 'drizzle-ops/archive@1'

export interface ArchivedColumn {
  readonly name: string
  /** As the source spells it where every schema but the system's is named. */
  readonly type: string
  readonly encoding: Encoding
}

/** Rows of one table. */
export interface ArchivedTable {
  /** As SQL takes it: `public.users`, `public."we""ird T"`. */
  readonly table: string
  readonly columns: readonly ArchivedColumn[]
  /** Empty where there is none. */
  readonly primaryKey: readonly string[]
  /** Columns whose values were left out or replaced. */
  readonly redacted: readonly string[]
  /** What the source's rows had to meet, as `pg_get_constraintdef` says it; archives of old do not tell. */
  readonly constraints?: readonly string[]
  /**
   * Set where the rows stand for rows that the target has of its own, to be found by these columns: they are never
   * inserted, and what points to them points to those. Beside it the table may have an entry for rows as usual.
   */
  readonly matchedBy?: readonly string[]
}

/** The first line of an archive. */
export interface Manifest {
  readonly archive: typeof FORMAT
  /** ISO 8601. */
  readonly createdAt: string
  readonly root: {
    readonly table: string
    /** The key as text, as several, or null where the rows were chosen otherwise. */
    readonly key: string | readonly string[] | null
  }
  readonly source: {
    readonly serverVersion: string
    readonly snapshot: string
    /** The newest migration that was applied; null where drizzle has recorded none. */
    readonly lastMigration: string | null
    readonly schemaFingerprint: string
  }
  /** Parents before children, but within a cycle. */
  readonly tables: readonly ArchivedTable[]
}

/** The `t` of the lines that hold rows of an entry. */
export function lineName({ table, matchedBy }: Pick<ArchivedTable, 'table' | 'matchedBy'>): string {
  return matchedBy ? `${table} (matched)` : table
}

/** The line with its newline. Its last key is the hash of all that comes before, so that no byte of it may change. */
export function manifestLine(manifest: Manifest): string {
  const open = JSON.stringify(manifest).slice(0, -1)
  return `${open},"sha256":"${sha256(open)}"}\n`
}

/** Whether the line's own hash is right. */
export function isSealed(line: string): boolean {
  const open = line.slice(0, line.lastIndexOf(',"sha256":"'))
  return line === `${open},"sha256":"${sha256(open)}"}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
