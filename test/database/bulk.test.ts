import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/command.ts'
import { cutter } from '../../src/database/bulk-wire.ts'
import { type Database, withDatabase } from '../../src/database/database.ts'
import { parseUrl } from '../../src/project/url.ts'
import { contextWith } from '../support/context.ts'
import { freshDatabase } from '../support/databases.ts'
import { admin, majors } from '../support/shared-servers.ts'

const settings = { statementTimeout: 0, lockTimeout: 0, readOnly: false }

function using<T>(url: string, work: (database: Database) => Promise<T>, parts: Partial<Context> = {}) {
  const context = { ...contextWith({}), ...parts }
  return withDatabase(context, parseUrl(url, 'a test', 'postgres'), { command: 'test', settings }, work)
}

async function* source(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

async function text(database: Database, statement: string): Promise<string> {
  const pieces: Buffer[] = []
  await database.copyOut(statement, piece => void pieces.push(piece))
  return Buffer.concat(pieces).toString()
}

const THOUSANDS = `COPY (SELECT repeat('x', 200) FROM generate_series(1, 200000)) TO STDOUT`
/** Fails after megabytes have been sent. */
const FAILING = `COPY (SELECT repeat('x', 200), 1 / (100000 - n) FROM generate_series(1, 200000) AS n) TO STDOUT`

/** What must be possible after every failure: the session is in order, and so is its transaction. */
async function expectUsable(database: Database): Promise<void> {
  expect(await database.query`SELECT 1 AS one`).toEqual([{ one: 1 }])
  expect(await text(database, 'COPY (VALUES (1), (2)) TO STDOUT')).toBe('1\n2\n')
}

async function expectAborted(database: Database): Promise<void> {
  await expect(database.query`SELECT 1`).rejects.toMatchObject({ sqlstate: '25P02' })
  await database.script('ROLLBACK')
  await expectUsable(database)
}

describe.each(majors())('COPY on the working connection, PostgreSQL %i', major => {
  it('brings rows in and out within a transaction', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      await database.script('BEGIN; CREATE TEMP TABLE t (n int, s text) ON COMMIT DROP')
      expect(await database.copyIn('COPY t FROM STDIN', source('1\ta\n2', '\tb\n'))).toBe(2)
      expect(await text(database, 'COPY t TO STDOUT')).toBe('1\ta\n2\tb\n')
      expect(await database.query`SELECT n FROM t`).toEqual([{ n: 1 }, { n: 2 }])
      await database.script('COMMIT')
      await expectUsable(database)
    })
  })

  it('counts the rows, also where there are none', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      await database.script('CREATE TEMP TABLE t (n int)')
      expect(await database.copyIn('COPY t FROM STDIN', source())).toBe(0)
      expect(await database.copyIn('COPY t FROM STDIN', source(''))).toBe(0)
      expect(await database.copyOut('COPY t TO STDOUT', () => {})).toBe(0)
      expect(await database.copyOut(THOUSANDS, () => {})).toBe(200_000)
    })
  })

  it('works over TLS', async () => {
    const { url } = await freshDatabase(major)
    await using(`${url}?sslmode=require`, async database => {
      expect(await database.copyOut(THOUSANDS, () => {})).toBe(200_000)
      await database.script('CREATE TEMP TABLE t (n int)')
      expect(await database.copyIn('COPY t FROM STDIN', source('1\n'.repeat(100_000)))).toBe(100_000)
      await expectUsable(database)
    })
  })

  it.each([
    ['a row that does not parse', '1\nnot a number\n', '22P02'],
    ['a duplicate key', '1\n1\n', '23505'],
  ])('tells of %s after the last byte', async (_, rows, sqlstate) => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      await database.script('CREATE TEMP TABLE t (n int PRIMARY KEY); BEGIN')
      const failed = database.copyIn('COPY t FROM STDIN', source(rows))
      await expect(failed).rejects.toMatchObject({ code: 'sql-error', sqlstate })
      await expectAborted(database)
    })
  })

  it('stops a source of which the server wants no more', async () => {
    const { url } = await freshDatabase(major)
    let closed = false
    async function* endless() {
      try {
        for (;;) yield Buffer.from('x\n'.repeat(10_000))
      } finally {
        closed = true
      }
    }
    await using(url, async database => {
      await database.script('CREATE TEMP TABLE t (n int); BEGIN')
      await expect(database.copyIn('COPY t FROM STDIN', endless())).rejects.toMatchObject({
        sqlstate: '22P02',
      })
      await expectAborted(database)
    })
    expect(closed).toBe(true)
  })

  it('forgets what came before a source failed', async () => {
    const { url } = await freshDatabase(major)
    async function* failing() {
      yield Buffer.from('1\n2\n')
      throw new Error('the file is torn')
    }
    await using(url, async database => {
      await database.script('CREATE TEMP TABLE t (n int)')
      await expect(database.copyIn('COPY t FROM STDIN', failing())).rejects.toThrow('the file is torn')
      expect(await database.query`SELECT FROM t`).toEqual([])
      await expectUsable(database)
    })
  })

  it('goes on after COPY has gone into a pipeline, twenty times', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      for (let round = 0; round < 20; round += 1) {
        const gzip = createGzip({ level: 1 })
        gzip.resume()
        await database.copyOut(
          `COPY (SELECT repeat('x', 200) FROM generate_series(1, 20000)) TO STDOUT`,
          piece => new Promise(done => (gzip.write(piece) ? done() : gzip.once('drain', done))),
        )
        gzip.end()
        expect(await database.query`SELECT ${round}::int AS round`).toEqual([{ round }])
      }
    })
  })

  it('tells of an error in mid-stream', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      await database.script('BEGIN')
      let bytes = 0
      const failed = database.copyOut(FAILING, piece => {
        bytes += piece.length
      })
      await expect(failed).rejects.toMatchObject({ sqlstate: '22012' })
      expect(bytes).toBeGreaterThan(1_000_000)
      await expectAborted(database)
    })
  })

  it('cancels the statement where the sink fails', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      await database.script('BEGIN')
      let pieces = 0
      const full = async () => {
        pieces += 1
        await sleep(1)
        throw new Error('the disk is full')
      }
      await expect(database.copyOut(THOUSANDS, full)).rejects.toThrow('the disk is full')
      expect(pieces).toBe(1)
      await expectAborted(database)
    })
  })

  it('goes on where the sink fails at the very last row', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      for (let round = 0; round < 20; round += 1) {
        const failed = database.copyOut('COPY (VALUES (1)) TO STDOUT', () => {
          throw new Error('no')
        })
        await expect(failed).rejects.toThrow('no')
        await expectUsable(database)
      }
    })
  })

  it.each(['COPY nothing TO STDOUT', 'COPY nothing FROM STDIN', 'COPY'])('refuses %s', async statement => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      const out = database.copyOut(statement, () => {})
      await expect(out).rejects.toMatchObject({ sqlstate: statement === 'COPY' ? '42601' : '42P01' })
      const into = database.copyIn(statement, source('1\n'))
      await expect(into).rejects.toMatchObject({ sqlstate: statement === 'COPY' ? '42601' : '42P01' })
      await expectUsable(database)
    })
  })

  it.each(['in', 'out'])('tells of a connection that breaks off on the way %s', async way => {
    const { url } = await freshDatabase(major)
    async function* slow() {
      for (;;) {
        yield Buffer.from('1\n')
        await sleep(5)
      }
    }
    const failed = using(url, async database => {
      await database.script('CREATE TEMP TABLE t (n int)')
      const [row] = await database.query<{ pid: number }>`SELECT pg_backend_pid() AS pid`
      const pid = row?.pid ?? 0
      setTimeout(() => void admin(major)`SELECT pg_terminate_backend(${pid})`.execute(), 50)
      if (way === 'in') return database.copyIn('COPY t FROM STDIN', slow())
      return database.copyOut(THOUSANDS, () => sleep(5))
    })
    await expect(failed).rejects.toMatchObject({ code: 'connection-lost', exit: 3 })
  })

  it.each(['in', 'out'])('ends at once when interrupted on the way %s', async way => {
    const { url } = await freshDatabase(major)
    const controller = new AbortController()
    const reason = new Error('stopped')
    // a source and a sink that never come back
    async function* silent() {
      yield Buffer.from('1\n')
      await new Promise(() => {})
    }
    const failed = using(
      url,
      async database => {
        await database.script('CREATE TEMP TABLE t (n int)')
        setTimeout(() => controller.abort(reason), 50)
        if (way === 'in') return database.copyIn('COPY t FROM STDIN', silent())
        return database.copyOut(THOUSANDS, () => new Promise(() => {}))
      },
      { signal: controller.signal },
    )
    const started = performance.now()
    await expect(failed).rejects.toBe(reason)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('carries a row of 100 MB both ways without holding it', async () => {
    const { url } = await freshDatabase(major)
    await using(url, async database => {
      await database.script('CREATE TEMP TABLE t (s text)')
      let longest = 0
      const give = async function* () {
        const piece = Buffer.alloc(1 << 16, 'y')
        for (let count = 0; count < 1600; count += 1) yield piece
        yield Buffer.from('\n')
      }
      expect(await database.copyIn('COPY t FROM STDIN', give())).toBe(1)
      let bytes = 0
      await database.copyOut('COPY t TO STDOUT', piece => {
        bytes += piece.length
        longest = Math.max(longest, piece.length)
      })
      expect(bytes).toBe(1600 * (1 << 16) + 1)
      expect(longest).toBeLessThan(1 << 20)
    })
  })

  it('passes on what the server remarks', async () => {
    const { url, sql } = await freshDatabase(major)
    await sql.unsafe(`CREATE FUNCTION remark() RETURNS int LANGUAGE plpgsql AS
      $$ BEGIN RAISE NOTICE 'a remark'; RETURN 1; END $$`)
    const remarks: string[] = []
    const { report } = contextWith({})
    await using(url, database => text(database, 'COPY (SELECT remark()) TO STDOUT'), {
      report: { ...report, notice: remark => remarks.push(remark) },
    })
    expect(remarks).toEqual(['NOTICE: a remark'])
  })
})

it('cuts chunks of every size into the same messages', () => {
  const message = (type: string, body: string) => {
    const bytes = Buffer.alloc(5 + body.length)
    bytes.write(`${type}\0\0\0\0${body}`, 'latin1')
    bytes.writeUInt32BE(body.length + 4, 1)
    return bytes
  }
  const stream = Buffer.concat([
    message('H', 'begin'),
    message('d', 'one\n'),
    message('d', ''),
    message('N', 'a notice'),
    message('d', 'two and more\n'),
    message('c', ''),
    message('C', 'COPY 2'),
  ])
  for (let size = 1; size <= stream.length; size += 1) {
    let heard = ''
    const cut = cutter({
      data: piece => {
        heard += piece
      },
      message: (type, body) => {
        heard += `[${type} ${body}]`
      },
    })
    for (let at = 0; at < stream.length; at += size) cut(stream.subarray(at, at + size))
    expect(heard).toBe('[H begin]one\n[N a notice]two and more\n[c ][C COPY 2]')
  }
})
