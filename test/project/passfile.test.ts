import { chmodSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PassThrough, type Stream } from 'node:stream'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { withPasswordFile } from '../../src/project/passfile.ts'
import type { Target } from '../../src/project/target.ts'
import { parseUrl } from '../../src/project/url.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'

const { warnTo } = createRequire(import.meta.url)('pgpass') as { warnTo(stream: Stream): Stream }

const url = 'postgres://ann@db.example.com:5433/app'

let home: string

// pgpass reads the process's own environment
beforeEach(() => {
  home = emptyFolder()
  vi.stubEnv('HOME', home)
  vi.stubEnv('PGPASSFILE', undefined)
  vi.stubEnv('PGPASSWORD', undefined)
  return () => vi.unstubAllEnvs()
})

const files: [lines: string, url: string, password: string | undefined][] = [
  ['db.example.com:5433:app:ann:hunter2', url, 'hunter2'],
  ['# comment\n\nother:5433:app:ann:no\ndb.example.com:5433:app:ann:hunter2\n*:*:*:*:late', url, 'hunter2'],
  ['*:5433:app:ann:hunter2', url, 'hunter2'],
  ['*:*:*:*:hunter2', url, 'hunter2'],
  ['db.example.com:5432:app:ann:no', url, undefined],
  ['db.example.com:5433:other:ann:no', url, undefined],
  ['db.example.com:5433:app:bob:no', url, undefined],
  ['db.example.com:5433:app:ann:hun\\:ter\\\\2', url, 'hun:ter\\2'],
  ['db.example.com:5433:my\\:app:ann:hunter2', 'postgres://ann@db.example.com:5433/my%3Aapp', 'hunter2'],
  ['\\:\\:1:5432:app:ann:hunter2', 'postgres://ann@[::1]/app', 'hunter2'],
  ['localhost:5432:app:ann:hunter2', 'postgres://ann@%2Ftmp/app', 'hunter2'],
  ['localhost:5432:app:ann:no\n/tmp:5432:app:ann:hunter2', 'postgres://ann@%2Ftmp/app', 'hunter2'],
  ['localhost:5432:app:ann:no', 'postgres://ann@db.example.com/app', undefined],
]

describe('~/.pgpass', () => {
  it.each(files)('%s for %s', async (lines, url, password) => {
    passwordFile(join(home, '.pgpass'), lines)
    expect(await passwordFor(url)).toBe(password)
  })

  it('is where PGPASSFILE says', async () => {
    passwordFile(join(home, '.pgpass'), '*:*:*:*:not this')
    passwordFile(join(home, 'other'), '*:*:*:*:hunter2')
    vi.stubEnv('PGPASSFILE', join(home, 'other'))
    expect(await passwordFor(url)).toBe('hunter2')
  })

  it('may be missing', async () => {
    expect(await passwordFor(url)).toBe(undefined)
    vi.stubEnv('PGPASSFILE', join(home, 'nowhere'))
    expect(await passwordFor(url)).toBe(undefined)
  })

  it('is left alone where others can read it', async () => {
    const warnings = new PassThrough()
    const before = warnTo(warnings)
    onTestFinished(() => void warnTo(before))
    const file = join(home, '.pgpass')
    passwordFile(file, '*:*:*:*:hunter2', 0o640)
    expect(await passwordFor(url)).toBe(undefined)
    expect(String(warnings.read())).toBe(
      `WARNING: password file "${file}" has group or world access; permissions should be u=rw (0600) or less \n`,
    )
  })

  it('counts less than PGPASSWORD, and that less than the URL', async () => {
    passwordFile(join(home, '.pgpass'), '*:*:*:*:from the file')
    vi.stubEnv('PGPASSWORD', 'from the variable')
    expect(await passwordFor(url)).toBe('from the variable')
    expect(await passwordFor(url.replace('ann', 'ann:from%20the%20url'))).toBe('from the url')
  })
})

async function passwordFor(url: string): Promise<string | undefined> {
  const target: Target = await withPasswordFile(parseUrl(url, '--url', 'me'), process.env)
  return target.password()
}

function passwordFile(file: string, lines: string, mode = 0o600) {
  write(file, `${lines}\n`)
  chmodSync(file, mode)
}
