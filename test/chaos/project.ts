import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Migration } from './migrations.ts'

export interface Project {
  readonly root: string
  /** Writes the journal and the files anew. */
  write(migrations: readonly Migration[]): void
  /** Adds one behind what is on the disk. */
  add(migration: Migration): void
  /** The rows that stock drizzle would write, by what is on the disk now. */
  expectedRows(): readonly Row[]
}

export interface Row {
  readonly hash: string
  /** A bigint's text. */
  readonly created_at: string | null
}

interface Entry {
  readonly tag: string
  readonly when: number
}

/** A project with drizzle 0.x's journal, in a folder below `parent`. `text` puts the statements of a file together. */
export function makeProject(parent: string, text: (migration: Migration) => string): Project {
  const root = mkdtempSync(join(parent, 'project-'))
  const out = join(root, 'drizzle')
  const journal = join(out, 'meta/_journal.json')
  mkdirSync(join(out, 'meta'), { recursive: true })
  writeFileSync(join(root, 'package.json'), '{}')
  writeFileSync(
    join(root, 'drizzle.config.json'),
    JSON.stringify({ dialect: 'postgresql', out: './drizzle' }),
  )
  const entries = () => (JSON.parse(readFileSync(journal, 'utf8')) as { entries: Entry[] }).entries
  const save = (migrations: readonly Migration[], before: readonly Entry[]) => {
    const added = migrations.map(({ name, when }) => ({ version: '7', when, tag: name, breakpoints: true }))
    const all = [...before, ...added].map((entry, idx) => ({ idx, ...entry }))
    writeFileSync(journal, JSON.stringify({ version: '7', dialect: 'postgresql', entries: all }))
    for (const each of migrations) writeFileSync(join(out, `${each.name}.sql`), text(each))
  }
  return {
    root,
    write: migrations => save(migrations, []),
    add: migration => save([migration], entries()),
    expectedRows() {
      return entries().map(({ tag, when }) => ({
        hash: createHash('sha256')
          .update(readFileSync(join(out, `${tag}.sql`), 'utf8'))
          .digest('hex'),
        created_at: String(when),
      }))
    },
  }
}
