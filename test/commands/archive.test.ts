import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { archiveOf, manifestWith } from '../archive/archive.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'

const manifest = manifestWith([
  { redacted: ['id'] },
  { table: 'public.users', matchedBy: ['id'] },
  { table: 'public.files' },
])

async function saved(change = (bytes: Buffer) => bytes): Promise<string> {
  const [projects, users] = manifest.tables
  if (!projects || !users) throw new Error('The manifest has three tables.')
  const file = join(emptyFolder(), 'a.ndjson')
  write(
    file,
    change(
      await archiveOf(manifest, [
        [projects, ['{"id":1}', '{"id":2}']],
        [users, ['{"id":7}']],
      ]),
    ),
  )
  return file
}

it('says what an archive holds, without a database or a project', async () => {
  const file = await saved()
  expect(await ops(['archive', 'inspect', file])).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'table                   rows',
      'public.projects         2',
      'public.users (matched)  1',
      'public.files            0',
      'public.projects 1, from PostgreSQL 18.4 at 2026-01-01T00:00:00.000Z.',
      'Left out or replaced: public.projects.id.',
      '',
    ].join('\n'),
  })
})

it('says it as a document', async () => {
  const result = documentOf(await ops(['archive', 'inspect', '--json', await saved(gzipSync)]))
  expect(result).toEqual({
    schemaVersion: 1,
    archive: 'drizzle-ops/archive@1',
    createdAt: '2026-01-01T00:00:00.000Z',
    root: { table: 'public.projects', key: '1' },
    source: { serverVersion: '18.4', snapshot: '1:1:', lastMigration: null, schemaFingerprint: 'f' },
    tables: [
      { table: 'public.projects', rows: 2 },
      { table: 'public.users (matched)', rows: 1 },
      { table: 'public.files', rows: 0 },
    ],
    redacted: ['public.projects.id'],
    chunks: 2,
    bytes: 118,
    verified: true,
  })
})

it('tells whether an archive is whole', async () => {
  const whole = await saved()
  expect(await ops(['archive', 'verify', whole])).toEqual({
    code: 0,
    stderr: '',
    stdout: 'Whole: 3 rows in 2 chunks, 118 B.\n',
  })
  const stdin = readFileSync(whole, 'utf8')
  expect((await ops(['archive', 'verify', '-'], { stdin })).code).toBe(0)
  const torn = await saved(bytes => bytes.subarray(0, -30))
  expect(await ops(['archive', 'verify', torn])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${torn} ends in the middle of a line: it has been cut short (line 7). [archive-damaged]\n  → Copy it again from where it was made, or export it anew; drizzle-ops archive verify <file> tells whether it is whole.\n`,
  })
})

it('tells where a document is damaged', async () => {
  const torn = await saved(bytes => Buffer.from(bytes.toString().replace('"id":2', '"id":3')))
  expect(JSON.parse((await ops(['archive', 'verify', torn, '--json'])).stdout)).toEqual({
    schemaVersion: 1,
    error: {
      code: 'archive-damaged',
      message: `${torn} has a chunk 1 that does not match its hash (line 3).`,
      hint: 'Copy it again from where it was made, or export it anew; drizzle-ops archive verify <file> tells whether it is whole.',
      where: { file: torn, line: 3 },
    },
  })
})

it('says that there is no such file', async () => {
  const cwd = emptyFolder()
  expect(await ops(['archive', 'inspect', 'a.gz'], { cwd })).toEqual({
    stdout: '',
    stderr: `error: There is no file ${cwd}/a.gz. [archive-unreadable]\n  → Name a file that drizzle-ops export has written, or - for standard input.\n`,
    code: 2,
  })
})
