import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { ops } from '../support/program.ts'
import { startServer } from '../support/servers.ts'
import { newestMajor } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'
import { contentsOf } from './contents.ts'
import { exported, imported } from './moving.ts'

/** Rounds of faults at random moments; a hundred and more with FAULT_ROUNDS=120. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 6)
const ROWS = 3000

const schema = `
  CREATE TABLE projects (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
  CREATE TABLE notes (id uuid PRIMARY KEY, project int NOT NULL REFERENCES projects, parent uuid REFERENCES notes, body text);`
const rows = `
  INSERT INTO projects (name) SELECT 'p' || n FROM generate_series(1, 5) AS n;
  INSERT INTO notes SELECT md5(n::text)::uuid, 1 + n % 5, CASE WHEN n % 3 = 0 THEN md5((n - 1)::text)::uuid END, repeat(md5(n::text), 2)
  FROM generate_series(1, ${ROWS}) AS n;`

const faults = ['killed connection', 'restarted server', 'no space', 'SIGINT', 'SIGKILL'] as const

it(`leaves nothing of an import that a fault ends, in ${ROUNDS} rounds`, {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  const server = await startServer({
    major: newestMajor(),
    tls: false,
    // what was committed must outlive a crash
    settings: { fsync: 'on', synchronous_commit: 'on' },
  })
  const admin = connect(server.url())
  afterTest(async () => {
    await admin.end({ timeout: 0 })
    await server.stop('immediate')
  })
  await admin`CREATE DATABASE source`
  const source = connect(server.url('source'))
  await source.unsafe(schema)
  await source.unsafe(rows)
  const file = await exported(['projects'], server.url('source'))
  const expected = await contentsOf(source)
  await source.end()
  const url = server.url('target')
  const told = new Map<string, number>()

  for (let round = 0; round < ROUNDS; round += 1) {
    const fault = faults[round % faults.length] ?? 'SIGKILL'
    await admin`DROP DATABASE IF EXISTS target WITH (FORCE)`
    await admin`CREATE DATABASE target`
    const target = connect(url)
    await target.unsafe(schema)
    const ms = Math.round(((round * 37) % 100) * 6)
    if (fault === 'no space') await target.unsafe(fullDisk(1 + ((round * 613) % ROWS)))
    const code = await importUnder(fault, ms)
    told.set(`${fault} ${code}`, (told.get(`${fault} ${code}`) ?? 0) + 1)
    if (fault === 'no space') await target.unsafe('DROP TRIGGER "full" ON notes')
    const left = await settled(target)
    const rows = Object.values(left).flat().length
    // all of it where the fault came after the commit
    expect([fault, code, rows === 0 ? 'nothing' : rows]).toEqual([
      fault,
      code,
      rows > 0 || code === 0 ? 5 + ROWS : 'nothing',
    ])
    if (rows === 0) await imported(file, url)
    expect(hashOf(await contentsOf(target))).toBe(hashOf(expected))
    await target.end()
  }
  process.stdout.write(`${[...told].map(([what, times]) => `${what}: ${times}`).join(', ')}\n`)

  async function importUnder(fault: (typeof faults)[number], ms: number): Promise<number | string | null> {
    const args = ['import', file, '--url', url, '--yes']
    if (fault === 'SIGINT' || fault === 'SIGKILL') {
      const { code, signal } = await run([...args, '--verbose'], {
        signalAfter: { signal: fault, seen: /BEGIN/, ms },
      })
      return code ?? signal
    }
    const importing = ops(args)
    if (fault === 'killed connection') {
      await sleep(ms)
      await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drizzle-ops import'`
    }
    if (fault === 'restarted server') {
      await sleep(ms)
      await server.restart('immediate')
    }
    return (await importing).code
  }

  /** What is there once the server has noticed that the client is gone. */
  async function settled(target: ReturnType<typeof connect>) {
    for (;;) {
      const others = await target`SELECT FROM pg_stat_activity WHERE application_name = 'drizzle-ops import'`
      if (others.length === 0) return contentsOf(target)
      await sleep(50)
    }
  }
})

function hashOf(contents: object): string {
  return createHash('sha256').update(JSON.stringify(contents)).digest('hex')
}

/** The server's own refusal at one of the rows. */
function fullDisk(at: number): string {
  return `
    CREATE SEQUENCE inserted;
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('inserted') = ${at} THEN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER "full" BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION full_disk()`
}
