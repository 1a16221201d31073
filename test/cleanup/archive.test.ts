import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { withRowArchive } from '../../src/cleanup/archive-file.ts'
import { cleaning } from '../support/cleaning.ts'
import { documentOf, emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { newestMajor } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

const policies = { sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' } }
const SESSIONS = `
  CREATE TABLE sessions (id int PRIMARY KEY, expires_at timestamptz, token text);
  CREATE INDEX ON sessions (expires_at);
  INSERT INTO sessions SELECT n, now() + (n - 400.5) * interval '1 minute', md5(n::text) FROM generate_series(1, 1000) n`

const DELETABLE = 400

it('keeps the rows that a full disk has no room for, and goes on once there is some', async () => {
  const { database, root, cleaned } = await cleaning(newestMajor(), policies, SESSIONS)
  // no file may grow beyond 16 or 32 KB, as the shell counts
  const limited = join(root, 'limited')
  write(limited, '#!/bin/sh\nulimit -f 32\nexec node "$@"\n')
  chmodSync(limited, 0o755)
  const args = ['--archive', 'gone.ndjson', '--batch-size', '20']
  const full = await run(['cleanup', '--yes', '--json', '--url', database.url, ...args], {
    cwd: root,
    node: limited,
  })
  const left = (await database.sql`SELECT FROM sessions`).length
  const deleted = 1000 - left
  expect(deleted).toBeGreaterThan(0)
  expect(deleted).toBeLessThan(DELETABLE)
  expect(full.code, full.stderr).toBe(1)
  const file = join(root, 'gone.ndjson')
  expect(documentOf(full)).toMatchObject({
    error: {
      code: 'file-unwritable',
      message: `${file} cannot be written: the file may not become that large. What it does not hold has not been deleted.`,
      hint: 'Make room and run the same command again: it goes on from there.',
    },
    policies: [{ deleted, stoppedBy: 'failure' }],
  })

  expect((await cleaned(...args)).policies).toMatchObject([{ deleted: DELETABLE - deleted, resumed: true }])
  const ids = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as { r: { id: number } }).r.id)
  expect(ids).toEqual(Array.from({ length: DELETABLE }, (_, index) => index + 1))
})

it('says where an archive cannot be, before anything is deleted', async () => {
  const { database, root, cleanup } = await cleaning(newestMajor(), policies, SESSIONS)
  expect(await cleanup('--archive', 'no/such/gone.ndjson')).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${root}/no/such/gone.ndjson cannot be written: there is no such folder. What it does not hold has not been deleted. [file-unwritable]
  → Choose another place with --archive <file>.
`,
  })
  expect(await database.sql`SELECT FROM sessions`).toHaveLength(1000)
})

it('says that an archive cannot be begun anew, before anything is deleted', async () => {
  const { database, cleanup } = await cleaning(newestMajor(), policies, SESSIONS)
  expect(await cleanup('--archive', '/dev/full')).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: /dev/full cannot be written: EINVAL: invalid argument, ftruncate. What it does not hold has not been deleted. [file-unwritable]
  → Choose another place with --archive <file>.
`,
  })
  expect(await database.sql`SELECT FROM sessions`).toHaveLength(1000)
})

it('does not take an error of the work for one of the archive', async () => {
  const error = Object.assign(new Error('connect ENOENT /tmp/.s.PGSQL.5432'), { code: 'ENOENT' })
  const working = withRowArchive(join(emptyFolder(), 'gone.ndjson'), undefined, () => Promise.reject(error))
  await expect(working).rejects.toBe(error)
})
