import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lintJournal } from '../../src/lint/journal.ts'
import { levelsOf } from '../../src/lint/levels.ts'
import { foldersProject, journalProject, type TestProject, write } from '../support/project.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

function told({ out }: TestProject) {
  return lintJournal(out, levelsOf(undefined), path => path.slice(out.length + 1), NOON).map(
    ({ rule, level, file, line, message, fix }) => ({ rule, level, place: `${file}:${line}`, message, fix }),
  )
}

function snapshot(project: TestProject, prefix: string, prevId: string): void {
  write(join(project.out, 'meta', `${prefix}_snapshot.json`), JSON.stringify({ id: prefix, prevId }))
}

const one = { name: '0000_one', sql: 'SELECT 1;', when: NOON - 3000 }

it('says nothing of a journal as drizzle-kit writes it', () => {
  const project = journalProject([one, { name: '0001_two', sql: 'SELECT 2;', when: NOON - 2000 }])
  snapshot(project, '0000', '00000000-0000-0000-0000-000000000000')
  snapshot(project, '0001', '0000')
  write(join(project.out, '0001_two.down.sql'), 'SELECT 0;')
  expect(told(project)).toEqual([])
})

it('says nothing of snapshots where nobody generates', () => {
  expect(told(journalProject([one]))).toEqual([])
})

it('finds stamps that are not ascending', () => {
  expect(told(journalProject([one, { name: '0001_two', sql: 'SELECT 2;', when: NOON - 4000 }]))).toEqual([
    {
      rule: 'journal-order',
      level: 'error',
      place: 'meta/_journal.json:16',
      message:
        '0001_two is stamped earlier than 0000_one, which stands before it, as after a merge: a database that has 0000_one skips it in silence with stock drizzle.',
      fix: 'drizzle-ops repair --restamp 0001_two',
    },
  ])
})

it('finds stamps in the future', () => {
  expect(told(journalProject([{ ...one, when: NOON + 3_600_000 }]))).toEqual([
    {
      rule: 'journal-future',
      level: 'error',
      place: 'meta/_journal.json:9',
      message:
        '0000_one is stamped 2026-01-01T13:00:00.000Z, in the future: until then stock drizzle skips in silence every migration that is made after it.',
      fix: 'drizzle-ops repair --restamp 0000_one',
    },
  ])
})

it('finds doubles', () => {
  expect(told(journalProject([one, one, { ...one, name: '0001_two' }]))).toMatchObject([
    { rule: 'journal-duplicate', message: 'The journal names 0000_one twice.', fix: null },
    {
      rule: 'journal-duplicate',
      message:
        '0001_two and 0000_one bear the same time: a database that has 0000_one skips 0001_two in silence with stock drizzle.',
      fix: 'drizzle-ops repair --restamp 0001_two',
    },
  ])
})

it('finds entries without a file or a snapshot, and files without an entry', () => {
  const project = journalProject([
    one,
    { name: '0001_two', sql: 'SELECT 2;', when: NOON - 2000 },
    { name: '0002_three', sql: '', when: NOON - 1000 },
  ])
  snapshot(project, '0000', 'none')
  rmSync(join(project.out, '0002_three.sql'))
  write(join(project.out, '0001_by_hand.sql'), 'SELECT 1;')
  expect(told(project)).toEqual([
    {
      rule: 'snapshot-missing',
      level: 'warning',
      place: 'meta/_journal.json:16',
      message:
        '0001_snapshot.json of 0001_two is not there: drizzle-kit generate compares the schema with the newest snapshot that it finds, and writes again what 0001_two has done. Restore it from git.',
      fix: null,
    },
    {
      rule: 'journal-file-missing',
      level: 'error',
      place: 'meta/_journal.json:23',
      message:
        'The journal names 0002_three, and 0002_three.sql is not there: every run fails. Restore it from git.',
      fix: null,
    },
    {
      rule: 'file-not-in-journal',
      level: 'warning',
      place: '0001_by_hand.sql:1',
      message:
        'The journal does not name 0001_by_hand.sql, so nobody ever runs it. Let drizzle-kit make the entry, and move the SQL there.',
      fix: 'drizzle-ops generate --custom',
    },
  ])
})

it('finds two snapshots of one parent', () => {
  const project = journalProject([
    one,
    { name: '0001_two', sql: '', when: NOON - 2000 },
    { name: '0002_three', sql: '', when: NOON - 1000 },
  ])
  snapshot(project, '0000', 'none')
  snapshot(project, '0001', '0000')
  snapshot(project, '0002', '0000')
  expect(told(project)).toEqual([
    {
      rule: 'snapshot-fork',
      level: 'error',
      place: 'meta/0002_snapshot.json:1',
      message:
        '0002_snapshot.json and 0001_snapshot.json both come from one snapshot, as after a merge of two branches, and drizzle-kit generate refuses. Delete the migration of one of them with its snapshot and its journal entry, and generate it anew.',
      fix: 'drizzle-ops generate',
    },
  ])
})

it("finds the same in drizzle 1.0's folders", () => {
  const names = ['20260101000000_one', '20260102000000_two', '20260103000000_three', '20260104000000_four']
  const project = foldersProject(names.map(name => ({ name, sql: 'SELECT 1;' })))
  const parents = [[], ['a'], ['a']]
  for (const [index, prevIds] of parents.entries())
    write(join(project.out, names[index] ?? '', 'snapshot.json'), JSON.stringify({ id: 'a', prevIds }))
  expect(told(project)).toMatchObject([
    { rule: 'snapshot-missing', place: '20260104000000_four/migration.sql:1' },
    {
      rule: 'snapshot-fork',
      place: '20260103000000_three/snapshot.json:1',
      message: expect.stringMatching(
        /^20260103000000_three and 20260102000000_two both come from one snapshot/,
      ),
    },
  ])
})

it('lets the config set the level of a rule', () => {
  const { out } = journalProject([one, { name: '0001_two', sql: '', when: NOON - 4000 }])
  const levels = levelsOf({
    ops: { lint: { rules: { 'journal-order': 'off' } } },
    configFile: 'drizzle.config.ts',
  })
  expect(lintJournal(out, levels, path => path, NOON)).toEqual([])
})
