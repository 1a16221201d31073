import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OpsError } from '../errors.ts'
import type { Migration, MigrationsFolder } from './folder.ts'

/** A file's new stamp, in drizzle 0.x's journal. */
export interface JournalChange {
  readonly kind: 'journal'
  readonly file: string
  readonly tag: string
  /** ISO 8601. */
  readonly from: string
  readonly to: string
  readonly when: number
}

interface Journal {
  readonly entries: { tag: string; when: number; idx: number }[]
}

/**
 * Moves a migration that ran nowhere behind everything that did: the next moment after the newest stamp in
 * history and files. The entry moves to the end as well, since the array's order is the order of running.
 */
export function planJournalChange(
  folder: MigrationsFolder,
  migration: Migration,
  newestApplied: number,
  now: number,
): JournalChange {
  const others = folder.migrations
    .filter(other => other !== migration && other.when <= now)
    .map(other => other.when)
  const when = Math.max(newestApplied, ...others) + 1
  return {
    kind: 'journal',
    file: join(folder.path, 'meta', '_journal.json'),
    tag: migration.name,
    from: new Date(migration.when).toISOString(),
    to: new Date(when).toISOString(),
    when,
  }
}

/** Rewrites the journal as drizzle-kit writes it, by way of a second file, so that it is never half written. */
export function changeJournal({ file, tag, when }: JournalChange): void {
  const text = readFileSync(file, 'utf8')
  const journal = JSON.parse(text) as Journal
  const entry = journal.entries.find(each => each.tag === tag)
  if (!entry) throw vanished(file, tag)
  const others = journal.entries.filter(each => each !== entry)
  const entries = [...others, { ...entry, when }].map((each, idx) => ({ ...each, idx }))
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify({ ...journal, entries }, null, 2) + (text.endsWith('\n') ? '\n' : ''))
  renameSync(draft, file)
}

function vanished(file: string, tag: string): OpsError {
  return new OpsError({
    code: 'journal-invalid',
    message: `The journal ${file} no longer has an entry ${tag}.`,
    hint: 'Somebody else changed it just now: run the command again.',
    exit: 2,
  })
}
