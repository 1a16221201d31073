import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const first = { name: '0000_first', sql: 'CREATE TABLE first (id int);' }
const second = { name: '0001_second', sql: 'ALTER TABLE first ALTER COLUMN id TYPE bigint;' }
const late = { name: '0000_late', sql: 'SELECT 1;', when: 1_767_225_600_001 }

describe.each(majors())('migrate on PostgreSQL %i', major => {
  it.each(['--dry-run', '--rehearse'])('%s shows what would be locked and changes nothing', async mode => {
    const { url, dump } = await freshDatabase(major)
    const { root } = journalProject([first, second])
    await ops(['migrate', '--to', '0000_first', '--url', url], { cwd: root })
    const before = await dump()
    const { code, stdout } = await ops(['migrate', mode, '--json', '--url', url], { cwd: root })
    expect(code).toBe(0)
    expect(documentOf({ stdout })).toMatchObject({
      dryRun: true,
      applied: [],
      pending: ['0001_second'],
      alreadyApplied: 1,
      plan: [
        {
          name: '0001_second',
          transaction: 'file',
          rehearsed: mode === '--rehearse',
          statements: [
            {
              n: 1,
              line: 1,
              sql: 'ALTER TABLE first ALTER COLUMN id TYPE bigint;',
              locks: expect.arrayContaining([
                expect.objectContaining({ mode: 'AccessExclusiveLock', relation: 'public.first' }),
              ]),
              rewrites: ['public.first'],
            },
          ],
        },
      ],
    })
    expect(await dump()).toBe(before)
  })

  it('--dry-run exits as the run would that it foretells', async () => {
    const { url } = await freshDatabase(major)
    const { root } = journalProject([first, second])
    await ops(['migrate', '--url', url], { cwd: root })
    const { root: merged } = journalProject([first, late, { ...second, when: 1_767_225_660_000 }])
    const { code, stdout } = await ops(['migrate', '--dry-run', '--json', '--url', url], { cwd: merged })
    expect(code).toBe(1)
    expect(documentOf({ stdout })).toMatchObject({ findings: [{ code: 'history' }] })
  })
})

it('--dry-run names the strongest lock on each table for people', async () => {
  const { url } = await freshDatabase()
  const { root } = journalProject([first, second])
  await ops(['migrate', '--to', '0000_first', '--url', url], { cwd: root })
  const { stdout } = await ops(['migrate', '--dry-run', '--url', url], { cwd: root })
  expect(stdout).toContain('AccessExclusive on public.first')
  expect(stdout).toContain('rewrites public.first')
  expect(stdout).toContain('1 migration pending; nothing was changed.\n')
})

it.each([
  ['--dry-run', '--rehearse'],
  ['--dry-run', '--check'],
  ['--rehearse', '--check'],
])('%s and %s exclude each other', async (one, other) => {
  const { code, stderr } = await ops(['migrate', one, other])
  expect(stderr).toContain(`Option '${one}' cannot be used with option '${other}'.`)
  expect(code).toBe(2)
})
