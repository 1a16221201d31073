import { gzipSync, constants as zlib } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type ArchivedTable, manifestLine } from '../../src/archive/manifest.ts'
import { beginArchive } from '../../src/archive/write.ts'
import type { OpsError } from '../../src/errors.ts'
import { linePrefix } from '../../src/graph/codec.ts'
import { thrown } from '../support/thrown.ts'
import { archiveOf, manifestWith, readAll } from './archive.ts'

const manifest = manifestWith([{}, { table: 'public."odd ""name"' }])
const [projects, odd] = manifest.tables as [ArchivedTable, ArchivedTable]

async function refused(bytes: Buffer, maxSize?: number): Promise<OpsError> {
  return thrown(() => readAll(bytes, maxSize === undefined ? {} : { maxSize }))
}

describe('a damaged archive', () => {
  const whole = () =>
    archiveOf(manifest, [
      [projects, ['{"id":1}', '{"id":2}']],
      [odd, ['{"id":3}']],
    ])

  it.each<[string, (text: string) => string, string, number]>([
    [
      'cut within a row',
      text => text.slice(0, text.indexOf('{"id":2}')),
      'standard input ends in the middle of a chunk: it has been cut short.',
      3,
    ],
    [
      'cut after a chunk',
      text => text.slice(0, text.lastIndexOf('{"chunk"')),
      'standard input has no last line: it has been cut short.',
      5,
    ],
    [
      'cut before the last line',
      text => text.slice(0, text.indexOf('{"end"')),
      'standard input has no last line: it has been cut short.',
      7,
    ],
    [
      'without its last byte',
      text => text.slice(0, -1),
      'standard input ends in the middle of a line: it has been cut short.',
      7,
    ],
    [
      'cut within its first line',
      text => text.slice(0, 20),
      'standard input ends in the middle of a line: it has been cut short.',
      1,
    ],
    [
      'with a changed value',
      text => text.replace('"id":2', '"id":7'),
      'standard input has a chunk 1 that does not match its hash.',
      3,
    ],
    [
      'with a changed first line',
      text => text.replace('2026', '2027'),
      'standard input has a first line that does not match its hash.',
      1,
    ],
    [
      'with other counts',
      text => text.replace('"chunks":2', '"chunks":3'),
      'standard input ends with a line that does not fit the 2 chunks before it.',
      7,
    ],
    [
      'with another count of rows',
      text => text.replace('"rows":2,', '"rows":3,'),
      'standard input has a chunk 1 that has not the 3 rows it claims.',
      3,
    ],
    [
      'with a chunk twice',
      text => text.replace(/(\{"chunk".*"seq":1.*\n.*\n.*\n)/, '$1$1'),
      'standard input has chunk 1 where chunk 2 belongs.',
      5,
    ],
    [
      'with lines between chunks',
      text => text.replace('{"chunk":{"t":"public.\\"', 'hello\n{"chunk":{"t":"public.\\"'),
      'standard input has a line that is not JSON where a chunk should begin.',
      5,
    ],
    [
      'with other JSON between chunks',
      text => text.replace('{"chunk":{"t":"public.\\"', '{"a":1}\n{"chunk":{"t":"public.\\"'),
      'standard input has a line that begins no chunk.',
      5,
    ],
    [
      'with a chunk of another table',
      text => text.replace('"chunk":{"t":"public.projects"', '"chunk":{"t":"public.users"'),
      'standard input has a chunk of a table that its first line does not name.',
      2,
    ],
    [
      'with spaces in a chunk line',
      text => text.replace('{"chunk":{"t":"public.p', '{"chunk": {"t":"public.p'),
      'standard input has a chunk 1 whose first line is not as it was written.',
      2,
    ],
    [
      'that claims more than any row has',
      text => text.replace(/"bytes":\d+/, '"bytes":99999999999'),
      'standard input has a chunk 1 whose first line is not as it was written.',
      2,
    ],
    ['with something after its end', text => `${text}{}\n`, 'standard input goes on after its last line.', 8],
  ])('%s is refused', async (_, change, message, line) => {
    const error = await refused(Buffer.from(change((await whole()).toString())))
    expect(error).toMatchObject({ code: 'archive-damaged', exit: 2 })
    expect(error.message).toBe(message.replace(/\.$/, ` (line ${line}).`))
    expect(error.where).toEqual({ file: 'standard input', line })
    expect(error.hint).toBe(
      'Copy it again from where it was made, or export it anew; drizzle-ops archive verify <file> tells whether it is whole.',
    )
  })

  it('with lines of another kind under a right hash is refused', async () => {
    const pieces: Buffer[] = []
    const writer = await beginArchive(async bytes => void pieces.push(bytes), manifest)
    await writer.add(
      'public.projects',
      Buffer.from(`${linePrefix('public.projects')}{"id":1}}\n{"t":"public.users","r":{}}\n`),
    )
    await writer.end()
    const error = await refused(Buffer.concat(pieces))
    expect(error.message).toBe(
      'standard input has a line in chunk 1 that is no row of public.projects (line 4).',
    )
    expect(error.where).toEqual({ file: 'standard input', line: 4 })
  })

  it('of a later format is refused', async () => {
    const bytes = Buffer.from(manifestLine({ ...manifest, archive: 'drizzle-ops/archive@2' } as never))
    expect(await refused(bytes)).toMatchObject({
      code: 'archive-version',
      exit: 2,
      message:
        'standard input is of the format drizzle-ops/archive@2, and this drizzle-ops reads drizzle-ops/archive@1.',
      hint: 'Use the version of drizzle-ops that has written it, or a newer one.',
    })
  })

  it.each([
    ['nothing', '', 'standard input is empty.'],
    ['SQL', 'INSERT INTO users VALUES (1);\n', 'standard input is no archive of drizzle-ops.'],
    ['other JSON', '{"archive":1}\n', 'standard input is no archive of drizzle-ops.'],
    ['an array', '[1]\n', 'standard input is no archive of drizzle-ops.'],
  ])('that is %s is refused', async (_, text, message) => {
    expect(await refused(Buffer.from(text))).toMatchObject({ code: 'archive-unknown', exit: 2, message })
  })

  it.each([
    ['no tables', { tables: undefined }],
    ['no root', { root: null }],
    ['a table without columns', { tables: [{ ...projects, columns: [] }] }],
    ['a table twice', { tables: [projects, projects] }],
    ['a column twice', { tables: [{ ...projects, columns: [projects.columns[0], projects.columns[0]] }] }],
    [
      'an unknown encoding',
      { tables: [{ ...projects, columns: [{ name: 'id', type: 'int', encoding: 'yaml' }] }] },
    ],
    ['a key of unknown columns', { tables: [{ ...projects, primaryKey: ['x'] }] }],
  ])('whose sealed first line has %s is refused', async (_, changes) => {
    const error = await refused(Buffer.from(manifestLine({ ...manifest, ...changes } as never)))
    expect(error.message).toBe('standard input has a first line that does not describe an archive (line 1).')
  })

  it.each([
    [
      'cut short',
      (bytes: Buffer) => bytes.subarray(0, -12),
      'standard input cannot be unpacked: unexpected end of file.',
    ],
    [
      'with a flipped byte',
      (bytes: Buffer) => flipped(bytes, bytes.length - 6),
      'standard input cannot be unpacked: incorrect data check.',
    ],
    [
      'with something after it',
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('more')]),
      'standard input cannot be unpacked: incorrect header check.',
    ],
  ])('that is gzip %s is refused', async (_, change, message) => {
    expect(await refused(change(gzipSync(await whole())))).toMatchObject({ code: 'archive-damaged', message })
  })

  it('that unpacks to more than is allowed is refused before it does', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'x'), { level: zlib.Z_BEST_COMPRESSION })
    expect(await refused(bomb, 1 << 20)).toMatchObject({
      code: 'archive-too-large',
      exit: 2,
      message: 'standard input unpacks to more than 1.0 MiB, which may be meant to fill this machine.',
      hint: 'If you trust it, allow more with --max-size 100GB.',
    })
  })

  it('that is one endless line takes no more memory than a line may', async () => {
    const error = await refused(Buffer.alloc((1 << 24) + 1, '{'))
    expect(error.message).toBe('standard input has a line that is too long for an archive (line 1).')
  })
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
