import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { describe, expect, it } from 'vitest'
import { fingerprint, readSql } from '../../src/migrations/fingerprint.ts'
import { readMigrations } from '../../src/migrations/folder.ts'
import { readScript } from '../../src/migrations/script.ts'
import { projectWith } from '../support/context.ts'
import { emptyFolder } from '../support/program.ts'
import { foldersProject, journalProject, write } from '../support/project.ts'
import { ensureRuntime, unavailable } from '../support/runtimes.ts'
import { thrown } from '../support/thrown.ts'

const SQL = 'CREATE TABLE größe (id int);\n--> statement-breakpoint\nSELECT 1;\n'
const foreign = Buffer.concat([Buffer.from('SELECT '), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from(';\n')])

const texts: readonly (readonly [what: string, text: string | Buffer])[] = [
  ['LF', SQL],
  ['CRLF', SQL.replaceAll('\n', '\r\n')],
  ['both', `${SQL}SELECT 2;\r\n`],
  ['a byte order mark', `\ufeff${SQL}`],
  ['bytes that are not UTF-8', foreign],
  ['nothing', ''],
]

describe('what drizzle-orm 0.45 reads of the journal', () => {
  it.each(texts)('is what we read: %s', (_, text) => {
    const { out } = journalProject([{ name: '0000_first', sql: '', when: 1_767_225_600_123 }])
    write(join(out, '0000_first.sql'), text)
    const [theirs] = readMigrationFiles({ migrationsFolder: out })
    const { layout, migrations } = readMigrations({ ...projectWith({}), out })
    expect(layout).toBe('journal')
    expect(migrations).toMatchObject([
      {
        name: '0000_first',
        file: join(out, '0000_first.sql'),
        when: theirs?.folderMillis,
        hash: theirs?.hash,
      },
    ])
    if (text === foreign) return
    // what is blank is not sent, and a byte order mark neither
    const sent = theirs?.sql
      .filter(statement => statement.trim() !== '')
      .map(each => each.replace('\ufeff', ''))
    expect(readScript(readSql(join(out, '0000_first.sql')).text).statements.map(each => each.text)).toEqual(
      sent,
    )
  })
})

describe('what drizzle-orm 1.0 reads of the folders', async () => {
  const reason = await unavailable('drizzle-1.0')
  const names = [
    '20260101000000_b',
    '20260101000000_a',
    '20251231235959_z',
    '20260101000000_B',
    '20261399999999_odd',
  ]

  it.skipIf(reason)(reason ?? 'is what we read, in the same order', async () => {
    const runtime = await ensureRuntime('drizzle-1.0')
    const migrator = pathToFileURL(join(runtime, 'node_modules/drizzle-orm/migrator.js')).href
    const orm = (await import(/* @vite-ignore */ migrator)) as typeof import('drizzle-orm/migrator')
    const files = names.map((name, index) => ({ name, sql: `SELECT ${index};` }))
    const { out } = foldersProject([
      ...files,
      ...texts.map((_, index) => ({ name: `2026020100000${index}_t`, sql: '' })),
    ])
    texts.forEach(([, text], index) => {
      write(join(out, `2026020100000${index}_t`, 'migration.sql'), text)
    })
    write(join(out, '20260301000000_without', 'snapshot.json'), '{}')
    const theirs = orm.readMigrationFiles({ migrationsFolder: out })
    const { layout, migrations } = readMigrations({ ...projectWith({}), out })
    expect(layout).toBe('folders')
    expect(migrations.map(({ name, when, hash }) => ({ name, when, hash }))).toEqual(
      theirs.map(each => ({
        name: (each as { name?: string }).name,
        when: each.folderMillis,
        hash: each.hash,
      })),
    )
    expect(migrations).toHaveLength(names.length + texts.length)
  })
})

it('knows a text by its hash whatever its line endings', () => {
  const folder = emptyFolder()
  const crlf = SQL.replaceAll('\n', '\r\n')
  const mixed = SQL.replace('\n', '\r\n')
  const prints = [SQL, crlf, mixed].map((text, index) => {
    const file = join(folder, `${index}.sql`)
    write(file, text)
    return fingerprint(file)
  })
  const [lf, other] = prints
  for (const print of prints) expect(print.otherLineEndings()).toEqual([lf?.hash, other?.hash])
  expect(new Set(prints.map(({ hash }) => hash)).size).toBe(3)
})

describe('a file that cannot be run', () => {
  it('is not UTF-8', async () => {
    const file = join(emptyFolder(), '0000_first.sql')
    write(file, foreign)
    expect(await thrown(() => readSql(file))).toMatchObject({
      code: 'not-utf8',
      message: `${file} is not UTF-8, so its text would reach the database changed.`,
      hint: 'Save it as UTF-8.',
      exit: 2,
      where: { file },
    })
  })

  it('is gone', async () => {
    const file = join(emptyFolder(), '0000_first.sql')
    for (const read of [readSql, fingerprint])
      expect(await thrown(() => read(file))).toMatchObject({
        code: 'sql-file-missing',
        message: `The migration file ${file} cannot be read (ENOENT).`,
        hint: 'Restore it from git; the journal names it.',
        exit: 2,
        where: { file },
      })
  })
})
