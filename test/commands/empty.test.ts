import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { ops } from '../support/program.ts'
import { journalProject } from '../support/project.ts'

const said: [line: string, stdout: string][] = [
  ['seed --yes', 'There is no table to fill: drizzle-ops migrate makes them.\n'],
  ['seed --dry-run', 'There is no table to fill: drizzle-ops migrate makes them.\n'],
  ['cleanup list', 'There are no policies under ops.cleanup, and no column that tells when a row expires.\n'],
]

it.each(said)('%s says of a database without tables that there is nothing', async (line, stdout) => {
  const { url } = await freshDatabase()
  const { root } = journalProject([])
  expect(await ops([...line.split(' '), '--url', url], { cwd: root })).toEqual({
    code: 0,
    stdout,
    stderr: '',
  })
})
