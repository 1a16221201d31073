import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { fingerprint } from './fingerprint.ts'
import { readJournal } from './journal.ts'

/** How drizzle-kit lays migrations out: 0.x with meta/_journal.json, 1.0 with a folder for each. */
export type Layout = 'journal' | 'folders'

/** One migration file. */
export interface Migration {
  /** The tag (journal) or the folder's name. */
  readonly name: string
  /** What drizzle records as created_at: milliseconds since 1970. */
  readonly when: number
  readonly file: string
  /** SHA-256 as drizzle records it. */
  readonly hash: string
  /** The hashes of the same text with other line endings: a checkout on another system is not an edit. */
  otherLineEndings(): readonly string[]
}

export interface MigrationsFolder {
  readonly layout: Layout
  readonly path: string
  /** In the order in which they run. */
  readonly migrations: readonly Migration[]
}

const FOLDER_STAMP = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/

/** Reads the project's migrations. Throws OpsError, exit 2, where the folder, the journal or a file is missing. */
export function readMigrations(project: Project): MigrationsFolder {
  const path = project.out
  const entries = readFolder(project)
  const journal = readJournal(path)
  if (journal) {
    return {
      layout: 'journal',
      path,
      migrations: journal.map(({ tag, when }) => migration(tag, when, join(path, `${tag}.sql`))),
    }
  }
  const folders = entries.filter(name => isThere(join(path, name, 'migration.sql')))
  if (folders.length === 0) throw journalMissing(path, entries.length === 0)
  // localeCompare, as drizzle-orm 1.0 sorts them
  const sorted = folders.sort((a, b) => a.localeCompare(b))
  return {
    layout: 'folders',
    path,
    migrations: sorted.map(name =>
      migration(name, folderStamp(path, name), join(path, name, 'migration.sql')),
    ),
  }
}

function migration(name: string, when: number, file: string): Migration {
  const print = fingerprint(file)
  return { name, when, file, hash: print.hash, otherLineEndings: print.otherLineEndings }
}

function folderStamp(path: string, name: string): number {
  const match = FOLDER_STAMP.exec(name)
  if (match) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }
  throw new OpsError({
    code: 'folder-name',
    message: `The migration folder ${join(path, name)} does not begin with 14 digits, so drizzle cannot record it.`,
    hint: 'Rename it to YYYYMMDDHHmmss_name, as drizzle-kit generate does.',
    exit: 2,
  })
}

/** drizzle passes over a folder that it may not enter, in silence; a migration must not vanish like that. */
function isThere(file: string): boolean {
  try {
    statSync(file)
    return true
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR'].includes(code)) return false
    throw new OpsError({
      code: 'sql-file-missing',
      message: `The migration file ${file} cannot be read (${code}).`,
      hint: 'Let this user read it.',
      exit: 2,
      where: { file },
      cause,
    })
  }
}

function readFolder({ out, config, configFile }: Project): string[] {
  try {
    return readdirSync(out)
  } catch (cause) {
    const unnamed = config.out === undefined
    const { code } = cause as NodeJS.ErrnoException
    const state = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new OpsError({
      code: 'migrations-missing',
      message: unnamed
        ? `${configFile} sets no out, and the default folder ${out} ${state}.`
        : `The migrations folder ${out} ${state}.`,
      hint: unnamed
        ? "Add out: './drizzle' to it, or make the first migration: drizzle-ops generate."
        : 'Correct out in the config, or make the first migration: drizzle-ops generate.',
      exit: 2,
      cause,
    })
  }
}

function journalMissing(path: string, empty: boolean): OpsError {
  return new OpsError({
    code: 'journal-missing',
    message: `${path} ${empty ? 'is empty' : 'holds neither meta/_journal.json nor folders with a migration.sql'}, so what to migrate is unknown.`,
    hint: 'Run drizzle-kit generate, or correct out in the config. In a container, see whether the whole folder was copied.',
    exit: 2,
  })
}
