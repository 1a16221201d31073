import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { withArchive } from '../../src/archive/read.ts'
import { withDatabase } from '../../src/database/database.ts'
import { OpsError } from '../../src/errors.ts'
import { importArchive } from '../../src/load/import.ts'
import { parseUrl } from '../../src/project/url.ts'
import { contextWith } from '../support/context.ts'
import { clone, template } from '../support/databases.ts'
import { contentsOf } from './contents.ts'
import { exported } from './moving.ts'

/** Mutated archives; all of them with FUZZ_ARCHIVES=10000. */
const COUNT = Number(process.env.FUZZ_ARCHIVES ?? 200)

const schema = template('fuzz', async ({ sql }) => {
  await sql.unsafe(`
    CREATE TABLE projects (id int PRIMARY KEY, name text NOT NULL, meta jsonb);
    CREATE TABLE files (id uuid PRIMARY KEY, project int NOT NULL REFERENCES projects, path text, body bytea);
    CREATE TABLE notes (id text PRIMARY KEY, project int REFERENCES projects, parent text REFERENCES notes, score float8)`)
})
const rows = `
  INSERT INTO projects SELECT n, 'name ' || n, '{"a": [1, null]}' FROM generate_series(1, 3) AS n;
  INSERT INTO files SELECT md5(n::text)::uuid, 1 + n % 3, 'path' || n, decode(md5(n::text), 'hex') FROM generate_series(1, 12) AS n;
  INSERT INTO notes SELECT 'n' || n, 1 + n % 3, CASE WHEN n > 1 THEN 'n' || n - 1 END, n / 7.0 FROM generate_series(1, 9) AS n`

/** mulberry32: the same mutations in every run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Mutation = (bytes: Buffer, pick: (below: number) => number) => Buffer

const mutations: Readonly<Record<string, Mutation>> = {
  'a flipped bit': (bytes, pick) => {
    const copy = Buffer.from(bytes)
    const at = pick(copy.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << pick(8))
    return copy
  },
  'a truncation': (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
  'a swap of lines': (bytes, pick) => lines(bytes, all => swap(all, pick(all.length), pick(all.length))),
  'a line twice': (bytes, pick) =>
    lines(bytes, all => all.splice(pick(all.length), 0, all[pick(all.length)] ?? '')),
  'a line less': (bytes, pick) => lines(bytes, all => all.splice(pick(all.length), 1)),
  'a chunk twice': (bytes, pick) =>
    chunks(bytes, all => all.splice(pick(all.length), 0, all[pick(all.length)] ?? '')),
  'a chunk less': (bytes, pick) => chunks(bytes, all => all.splice(pick(all.length), 1)),
  'a swap of chunks': (bytes, pick) => chunks(bytes, all => swap(all, pick(all.length), pick(all.length))),
  'bytes of another place': (bytes, pick) => {
    const copy = Buffer.from(bytes)
    const from = pick(copy.length)
    copy.copyWithin(pick(copy.length), from, from + 1 + pick(64))
    return copy
  },
}

function lines(bytes: Buffer, change: (all: string[]) => unknown): Buffer {
  const all = bytes.toString('latin1').split(/(?<=\n)/)
  change(all)
  return Buffer.from(all.join(''), 'latin1')
}

function chunks(bytes: Buffer, change: (all: string[]) => unknown): Buffer {
  const [head = '', ...all] = bytes.toString('latin1').split(/(?=\{"chunk":|\{"end":)/)
  change(all)
  return Buffer.from(head + all.join(''), 'latin1')
}

function swap(all: string[], a: number, b: number): void {
  const [one = '', other = ''] = [all[a], all[b]]
  all[a] = other
  all[b] = one
}

it(`refuses ${COUNT} mutated archives and imports the intact one`, {
  timeout: 30_000 + COUNT * 200,
}, async () => {
  const source = await clone(schema)
  await source.sql.unsafe(rows)
  const whole = readFileSync(await exported(['projects'], source.url))
  const target = await clone(schema)
  const settings = { statementTimeout: 0, lockTimeout: 0, readOnly: false }
  const request = {
    dryRun: false,
    policy: 'error',
    newIds: undefined,
    owner: undefined,
    set: [],
    unique: 'error',
    triggers: true,
    ids: false,
    relations: false,
  } as const
  const context = contextWith({})
  await withDatabase(
    context,
    parseUrl(target.url, 'a test', 'postgres'),
    { command: 'fuzz', settings },
    async database => {
      const attempt = async (bytes: Buffer) => {
        await database.script('BEGIN')
        try {
          const input = { ...context, input: () => Readable.from([bytes]) }
          await withArchive(input, '-', { maxSize: 1 << 30 }, archive =>
            importArchive(context, database, undefined, archive, request, async () => {}),
          )
          await database.script('COMMIT')
          return undefined
        } catch (error) {
          await database.script('ROLLBACK')
          return error
        }
      }
      const names = Object.keys(mutations)
      const surprises: string[] = []
      let tried = 0
      for (let seed = 0; tried < COUNT; seed += 1) {
        const name = names[seed % names.length] ?? ''
        const packed = seed % 5 === 0
        const pick = random(seed)
        const mutated = mutations[name]?.(packed ? gzipSync(whole) : whole, pick) ?? whole
        if ((packed ? unpacked(mutated) : mutated)?.equals(whole)) continue
        tried += 1
        const error = await attempt(mutated)
        if (!(error instanceof OpsError)) surprises.push(`${seed} ${name}: ${error ?? 'imported'}`)
      }
      expect(surprises).toEqual([])
      expect(Object.values(await contentsOf(target.sql)).flat()).toEqual([])
      expect(await attempt(whole)).toBeUndefined()
    },
  )
  expect(await contentsOf(target.sql)).toEqual(await contentsOf(source.sql))
})

/** What a packed archive holds; a changed time in its header, say, changes nothing. */
function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes)
  } catch {
    return undefined
  }
}
