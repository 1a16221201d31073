import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { start } from '../support/foreground.ts'
import { copyGuest } from '../support/guests.ts'
import { ops } from '../support/program.ts'
import { write } from '../support/project.ts'

const left = () => readdirSync(tmpdir()).filter(name => name.startsWith('drizzle-ops-studio-'))

it('runs on the resolved connection until Ctrl-C, without a trace', async () => {
  const { url, sql } = await freshDatabase()
  await sql`CREATE TABLE visible_in_studio (id int)`
  const { root } = await copyGuest('codegen')
  const before = left()
  const running = start(['studio', '--url', url], root)
  await running.seen(/studio: https:\/\/local\.drizzle\.studio\?port=\d+&host=127\.0\.0\.1\n/)
  const port = /port=(\d+)/.exec(running.output.stdout)?.[1]
  const answer = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'proxy',
      data: {
        sql: "SELECT relname FROM pg_class WHERE relname = 'visible_in_studio'",
        params: [],
        mode: 'array',
        method: 'values',
      },
    }),
  })
  expect(await answer.text()).toContain('visible_in_studio')
  running.signal('SIGINT')
  expect(await running.ended()).toBe(0)
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
  expect(left()).toEqual(before)
  expect(`${running.output.stdout}${running.output.stderr}`).not.toContain(
    new URL(url).password || 'no password',
  )
})

it('says what is wrong with the connection itself', async () => {
  const { root } = await copyGuest('codegen')
  expect(await ops(['studio', '--url', 'postgres://127.0.0.1:1/x'], { cwd: root })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('127.0.0.1:1'),
  })
})

it('tells what drizzle-kit said where it ends by itself', async () => {
  const { url } = await freshDatabase()
  const { root } = await copyGuest('codegen')
  write(join(root, 'src/db/schema/index.ts'), 'throw new Error("no schema today")')
  const outcome = await ops(['studio', '--url', url], { cwd: root })
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain('drizzle-kit studio has ended by itself: ')
})
