import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { findPostmaster } from '../../src/database/embedded/postmaster.ts'
import { connect } from '../support/client.ts'
import { expectNoSecret, secret } from '../support/failures.ts'
import { start } from '../support/foreground.ts'
import { documentOf, ops } from '../support/program.ts'
import { journalProject, type TestProject } from '../support/project.ts'
import { run } from '../support/spawn.ts'

let project: TestProject
let home: string

beforeEach(() => {
  project = journalProject([{ name: '0000_users', sql: 'CREATE TABLE users (id int);' }])
  // the server does not run as root, and has to enter
  chmodSync(project.root, 0o755)
  home = join(project.root, '.drizzle-ops')
})

/** What `dev` prints for people. */
function printed(url: URL, end = 'stops it'): RegExp {
  const shown = `postgresql://postgres@127.0.0.1:${url.port}/postgres`
  return new RegExp(
    `^PostgreSQL \\d+\\.\\d+ at ${shown}\\n  with its password: DATABASE_URL="\\$\\(cat ${home}/url\\)"\\n  data in ${home}/data; Ctrl-C ${end}\\.\\n$`,
  )
}

/** The URL with its password, from the file that `dev` names. */
function urlOf(): URL {
  const url = new URL(readFileSync(join(home, 'url'), 'utf8').trim())
  secret(url.password)
  return url
}

async function nobodyRuns(): Promise<void> {
  expect(await findPostmaster(join(home, 'data'))).toBeUndefined()
}

describe('dev', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('runs the server until %s', async signal => {
    const dev = start(['dev'], project.root)
    await dev.seen(/Ctrl-C/)
    const url = urlOf()
    expect(dev.output.stdout).toMatch(printed(url))
    const sql = connect(url.href, 1)
    expect(await sql`SELECT current_user AS role`).toEqual([{ role: 'postgres' }])
    dev.signal(signal)
    expect(await dev.ended()).toBe(0)
    await sql.end({ timeout: 0 })
    await nobodyRuns()
    expect(dev.output.stderr).toBe('')
    expectNoSecret(dev.output.stdout)
  })

  it('prints one document, and goes on', async () => {
    const dev = start(['dev', '--json'], project.root)
    await dev.seen(/\n}\n$/)
    const { port } = urlOf()
    expect(documentOf(dev.output)).toEqual({
      schemaVersion: 1,
      url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
      urlFile: join(home, 'url'),
      dataDir: join(home, 'data'),
      version: expect.stringMatching(/^\d+\.\d+$/),
      joined: false,
    })
    dev.signal('SIGINT')
    expect(await dev.ended()).toBe(0)
    expectNoSecret(dev.output.stdout, dev.output.stderr)
  })

  it('started twice joins, and leaves the first one running', async () => {
    const first = start(['dev'], project.root)
    await first.seen(/Ctrl-C/)
    const url = urlOf()
    const second = start(['dev'], project.root)
    await second.seen(/Ctrl-C/)
    expect(second.output.stdout).toMatch(printed(url, 'leaves it running, as it was'))
    second.signal('SIGINT')
    expect(await second.ended()).toBe(0)
    const sql = connect(url.href, 1)
    expect(await sql`SELECT 1 AS up`).toEqual([{ up: 1 }])
    await sql.end()
    first.signal('SIGINT')
    expect(await first.ended()).toBe(0)
    await nobodyRuns()
  })

  it('keeps the server up for other commands', async () => {
    const dev = start(['dev'], project.root)
    await dev.seen(/Ctrl-C/)
    const { port } = urlOf()
    const pid = (await findPostmaster(join(home, 'data')))?.pid
    const status = await run(['status', '--embedded', '--json'], { cwd: project.root })
    expect(status).toMatchObject({ code: 0, stderr: '' })
    expect(documentOf(status)).toMatchObject({
      database: {
        name: 'postgres',
        host: '127.0.0.1',
        port: Number(port),
        user: 'postgres',
        source: 'embedded',
      },
      counts: { pending: 1 },
    })
    expectNoSecret(status.stdout)
    expect((await findPostmaster(join(home, 'data')))?.pid).toBe(pid)
    dev.signal('SIGINT')
    expect(await dev.ended()).toBe(0)
  })

  it('ends when the server is stopped from elsewhere', async () => {
    const dev = start(['dev'], project.root)
    await dev.seen(/Ctrl-C/)
    urlOf()
    const stop = await run(['dev', 'stop'], { cwd: project.root })
    expect(stop).toMatchObject({ code: 0, stdout: 'Stopped.\n', stderr: '' })
    expect(await dev.ended()).toBe(0)
    expect(dev.output.stderr).toBe(`The server has stopped; its log is ${home}/server.log.\n`)
    await nobodyRuns()
  })
})

describe('dev stop', () => {
  it('says where nothing runs', async () => {
    expect(await ops(['dev', 'stop'], { cwd: project.root })).toEqual({
      code: 0,
      stdout: 'No embedded server was running.\n',
      stderr: '',
    })
    const outcome = await ops(['dev', 'stop', '--json'], { cwd: project.root })
    expect(documentOf(outcome)).toEqual({ schemaVersion: 1, stopped: false })
  })
})

describe('dev reset', () => {
  it('deletes nothing where nobody agrees', async () => {
    const text = await ops(['dev', 'reset'], { cwd: project.root })
    expect(text).toEqual({
      code: 2,
      stdout: '',
      stderr:
        `error: This deletes all databases of the embedded server of ${project.root}. Nobody is at a terminal to agree. [consent-missing]\n` +
        '  → Add --yes to agree beforehand.\n',
    })
    expect(documentOf(await ops(['dev', 'reset', '--json'], { cwd: project.root }))).toEqual({
      schemaVersion: 1,
      error: {
        code: 'consent-missing',
        message: `This deletes all databases of the embedded server of ${project.root}. Nobody is at a terminal to agree.`,
        hint: 'Add --yes to agree beforehand.',
      },
    })
  })

  it('deletes the databases with --yes, and keeps the URL', async () => {
    await run(['migrate', '--embedded'], { cwd: project.root })
    const { href } = urlOf()
    expect(await run(['dev', 'reset', '--yes'], { cwd: project.root })).toMatchObject({
      code: 0,
      stdout: 'The embedded databases are deleted; the next command makes new ones.\n',
    })
    const status = await run(['status', '--embedded', '--check'], { cwd: project.root })
    expect(status).toMatchObject({ code: 4, stdout: expect.stringContaining('1 pending') })
    expect(urlOf().href).toBe(href)
  })
})

it('takes actions that it knows only', async () => {
  expect(await ops(['dev', 'restart'], { cwd: project.root })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      "error: Command-argument value 'restart' is invalid for argument 'action'. Allowed choices are start, stop, reset. [usage]\n" +
      '  → drizzle-ops dev --help lists what there is.\n',
  })
})
