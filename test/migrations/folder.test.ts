import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMigrations } from '../../src/migrations/folder.ts'
import { readJournal } from '../../src/migrations/journal.ts'
import { projectWith } from '../support/context.ts'
import { emptyFolder } from '../support/program.ts'
import { foldersProject, journalProject, write } from '../support/project.ts'
import { thrown } from '../support/thrown.ts'

const one = { name: '0000_one', sql: 'SELECT 1;' }
const two = { name: '0001_two', sql: 'SELECT 2;' }

describe('the migrations', () => {
  it('run in the order of the journal, whatever their names and stamps; other files do not count', () => {
    const { out } = journalProject([
      { ...two, when: 2000 },
      { ...one, when: 1000 },
    ])
    write(join(out, '0002_not_in_the_journal.sql'), 'SELECT 3;')
    expect(read(out).migrations.map(({ name, when }) => [name, when])).toEqual([
      ['0001_two', 2000],
      ['0000_one', 1000],
    ])
  })

  it('are those of the journal where there are folders too', () => {
    const { out } = journalProject([one])
    write(join(out, '20260101000000_new', 'migration.sql'), 'SELECT 1;')
    expect(read(out)).toMatchObject({ layout: 'journal', path: out, migrations: [{ name: '0000_one' }] })
  })

  it('may be none yet', () => {
    expect(read(journalProject([]).out)).toEqual({
      layout: 'journal',
      path: expect.any(String),
      migrations: [],
    })
  })

  it('are stamped by the first 14 digits of their folder, in UTC', () => {
    const { out } = foldersProject([{ ...one, name: '20260228235959_one' }])
    expect(read(out).migrations[0]?.when).toBe(Date.UTC(2026, 1, 28, 23, 59, 59))
  })

  it('may be 5,000', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ name: `${index}_m`, sql: `SELECT ${index};` }))
    expect(read(journalProject(many).out).migrations).toHaveLength(5000)
  })
})

describe('a folder that cannot be read', () => {
  it('is missing', async () => {
    const out = join(emptyFolder(), 'drizzle')
    expect(await thrown(() => read(out, { out: './drizzle' }))).toMatchObject({
      code: 'migrations-missing',
      message: `The migrations folder ${out} does not exist.`,
      hint: 'Correct out in the config, or make the first migration: drizzle-ops generate.',
      exit: 2,
    })
  })

  it('is missing, and the config names none', async () => {
    const out = join(emptyFolder(), 'drizzle')
    expect(await thrown(() => read(out))).toMatchObject({
      code: 'migrations-missing',
      message: `/app/drizzle.config.ts sets no out, and the default folder ${out} does not exist.`,
      hint: "Add out: './drizzle' to it, or make the first migration: drizzle-ops generate.",
      exit: 2,
    })
  })

  it('is a file', async () => {
    const out = join(emptyFolder(), 'drizzle')
    write(out, '')
    expect(await thrown(() => read(out, { out }))).toMatchObject({
      message: `The migrations folder ${out} cannot be read (ENOTDIR).`,
    })
  })

  it.each([
    ['is empty', [], 'is empty'],
    [
      'holds SQL alone',
      ['0000_one.sql'],
      'holds neither meta/_journal.json nor folders with a migration.sql',
    ],
    [
      'holds snapshots alone',
      ['meta/0000_snapshot.json'],
      'holds neither meta/_journal.json nor folders with a migration.sql',
    ],
  ])('%s', async (_, files, what) => {
    const out = emptyFolder()
    for (const file of files) write(join(out, file), '{}')
    expect(await thrown(() => read(out))).toMatchObject({
      code: 'journal-missing',
      message: `${out} ${what}, so what to migrate is unknown.`,
      hint: 'Run drizzle-kit generate, or correct out in the config. In a container, see whether the whole folder was copied.',
      exit: 2,
    })
  })

  it('has a folder without a time in its name', async () => {
    const { out } = foldersProject([{ ...one, name: '20260101_one' }])
    expect(await thrown(() => read(out))).toMatchObject({
      code: 'folder-name',
      message: `The migration folder ${out}/20260101_one does not begin with 14 digits, so drizzle cannot record it.`,
      hint: 'Rename it to YYYYMMDDHHmmss_name, as drizzle-kit generate does.',
      exit: 2,
    })
  })

  it('lacks a file that the journal names', async () => {
    const { out } = journalProject([one, two])
    rmSync(join(out, '0001_two.sql'))
    expect(await thrown(() => read(out))).toMatchObject({
      code: 'sql-file-missing',
      message: `The migration file ${out}/0001_two.sql cannot be read (ENOENT).`,
      hint: 'Restore it from git; the journal names it.',
      exit: 2,
      where: { file: `${out}/0001_two.sql` },
    })
  })
})

describe('a journal that cannot be read', () => {
  it.each([
    ['is no JSON', '{ "entries": [] ', /^is not JSON \(.+\)$/],
    ['holds the marks of a merge', '<<<<<<< HEAD\n{}\n', /^is not JSON \(.+\)$/],
    ['is empty', '', /^is not JSON \(.+\)$/],
    ['has no entries', '{ "version": "7" }', /^has no entries$/],
    ['is nothing', 'null', /^has no entries$/],
    ['has entries that are no list', '{ "entries": {} }', /^has no entries$/],
    ['has an entry of nothing', '{ "entries": [null] }', /^has no tag or no when in entry 0$/],
    ['has an entry without its tag', '{ "entries": [{ "when": 1 }] }', /^has no tag or no when in entry 0$/],
    [
      'has an entry without its when',
      '{ "entries": [{ "tag": "a", "when": 1 }, { "tag": "b" }] }',
      /^has no tag or no when in entry 1$/,
    ],
    [
      'has a when that is text',
      '{ "entries": [{ "tag": "a", "when": "1" }] }',
      /^has no tag or no when in entry 0$/,
    ],
  ])('%s', async (_, text, why) => {
    const folder = emptyFolder()
    const file = join(folder, 'meta/_journal.json')
    write(file, text)
    const error = await thrown(() => readJournal(folder))
    expect(error).toMatchObject({
      code: 'journal-invalid',
      hint: 'A merge may have left conflict markers in it: mend it, or restore it from git.',
      exit: 2,
      where: { file },
    })
    expect(error.message.slice(0, 13 + file.length)).toBe(`The journal ${file} `)
    expect(error.message.slice(13 + file.length, -1)).toMatch(why)
  })

  it('is a folder', async () => {
    const folder = emptyFolder()
    const file = join(folder, 'meta/_journal.json')
    mkdirSync(file, { recursive: true })
    expect(await thrown(() => readJournal(folder))).toMatchObject({
      code: 'journal-invalid',
      message: `The journal ${file} cannot be read (EISDIR).`,
    })
  })
})

function read(out: string, config: { out?: string } = {}) {
  return readMigrations({ ...projectWith({ config }), out })
}
