import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ArchivedTable } from '../../src/archive/manifest.ts'
import { beginArchive } from '../../src/archive/write.ts'
import { linePrefix } from '../../src/graph/codec.ts'
import { archiveOf, manifestWith, readAll } from './archive.ts'

const manifest = manifestWith([{}, { table: 'public."odd ""name"' }])
const [projects, odd] = manifest.tables as [ArchivedTable, ArchivedTable]

describe('an archive', () => {
  it('comes back as it went', async () => {
    const rows = ['{"id":1}', '{"id":2,"text":"a\\nb"}']
    const { archive, chunks } = await readAll(
      await archiveOf(manifest, [
        [projects, rows],
        [odd, ['{"id":3}']],
      ]),
    )
    expect(archive.manifest).toMatchObject(manifest)
    expect(
      chunks.map(({ t, seq, rows, line, lines }) => ({ t, seq, rows, line, lines: lines.toString() })),
    ).toEqual([
      { t: 'public.projects', seq: 1, rows: 2, line: 3, lines: '{"id":1}\n{"id":2,"text":"a\\nb"}\n' },
      { t: 'public."odd ""name"', seq: 2, rows: 1, line: 6, lines: '{"id":3}\n' },
    ])
  })

  it('is JSON in every line, as the contract has it', async () => {
    const text = (await archiveOf(manifest, [[projects, ['{"id":1}']]])).toString()
    const [first, chunk, row, end, ...others] = text.split('\n')
    expect(others).toEqual([''])
    expect(JSON.parse(first ?? '')).toEqual({ ...manifest, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const line = '{"t":"public.projects","r":{"id":1}}\n'
    const sha256 = createHash('sha256').update(line).digest('hex')
    expect(chunk).toBe(`{"chunk":{"t":"public.projects","seq":1,"rows":1,"bytes":37,"sha256":"${sha256}"}}`)
    expect(`${row}\n`).toBe(line)
    const all = createHash('sha256').update(`${chunk}\n${line}`).digest('hex')
    expect(end).toBe(
      `{"end":{"rows":{"public.projects":1,"public.\\"odd \\"\\"name\\"":0},"chunks":1,"sha256":"${all}"}}`,
    )
  })

  it('has the same chunks whatever the pieces it was made of', async () => {
    const text = Buffer.from(
      Array.from(
        { length: 30_000 },
        (_, n) => `${linePrefix('public.projects')}{"id":${n},"x":"${'y'.repeat(n % 97)}"}}\n`,
      ).join(''),
    )
    const made = async (size: number) => {
      const pieces: Buffer[] = []
      const writer = await beginArchive(async bytes => void pieces.push(bytes), manifest)
      for (let at = 0; at < text.length; at += size)
        await writer.add('public.projects', text.subarray(at, at + size))
      await writer.end()
      return Buffer.concat(pieces)
    }
    const whole = await made(text.length)
    for (const size of [1000, 4096, 65_536, 1 << 20, (1 << 20) + 1])
      expect((await made(size)).equals(whole)).toBe(true)
    const { chunks } = await readAll(whole)
    expect(chunks).toHaveLength(3)
    expect(chunks.slice(0, -1).every(({ bytes }) => bytes >= 1 << 20 && bytes < (1 << 20) + 200)).toBe(true)
  })

  it('holds a row that is longer than a chunk', async () => {
    const long = `{"id":1,"text":"${'z'.repeat(5_000_000)}"}`
    const { chunks } = await readAll(await archiveOf(manifest, [[projects, [long, '{"id":2}']]]))
    expect(chunks.map(({ rows, lines }) => [rows, lines.length])).toEqual([
      [1, long.length + 1],
      [1, 9],
    ])
  })

  it('may be empty', async () => {
    expect((await readAll(await archiveOf(manifest, []))).chunks).toEqual([])
  })

  it.each([1, 7, 1000])('is read in pieces of %i bytes, and unpacked', async size => {
    const bytes = await archiveOf(manifest, [
      [projects, ['{"id":1}', '{"id":2}']],
      [odd, ['{"id":3}']],
    ])
    const { chunks } = await readAll(bytes)
    expect((await readAll(bytes, { size })).chunks).toEqual(chunks)
    expect((await readAll(gzipSync(bytes), { size })).chunks).toEqual(chunks)
  })
})
