import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../src/stats/catalogue.ts'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import type { Rows } from '../support/stats.ts'

/** What is never empty: it is about the server. */
const NEVER = ['overview', 'cache-hit', 'connections', 'wraparound', 'wal-io', 'settings', 'extensions']

/** Whose rows others on the same server may fill. */
const OTHERS = ['activity', 'long-running', 'idle-in-transaction', 'locks', 'blocking', 'progress', 'xmin']

describe('an empty database', () => {
  const reports = CATALOGUE.filter(({ name }) => ![...NEVER, ...OTHERS].includes(name))

  it.each(reports.map(report => [report.name, report] as const))(
    'has nothing to show of %s',
    async (name, report) => {
      const { url } = await freshDatabase()
      const run = async (columns: number | undefined, ...flags: string[]) => {
        const outcome = await ops(['stats', name, ...flags, '--url', url], {
          cwd: emptyFolder(),
          ...(columns && { columns }),
        })
        expect(outcome).toMatchObject({ code: 0, stderr: '' })
        return outcome.stdout
      }
      const { rows, total } = documentOf<{ rows: Rows; total: number }>({
        stdout: await run(undefined, '--json'),
      })
      expect({ rows, total }).toEqual({ rows: [], total: 0 })
      expect(await run(undefined)).toMatch(/^Nothing to show\.\n/)
      expect(await run(80, '--color', 'never')).toMatch(/^Nothing to show\.\n/)
      expect(await run(undefined, '--format', 'csv')).toBe(
        `${report.columns.map(({ key }) => key).join(',')}\r\n`,
      )
      expect(await run(undefined, '--format', 'ndjson')).toBe('')
    },
  )

  it('is drawn as nothing', async () => {
    const { url } = await freshDatabase()
    const drawn = async (...flags: string[]) => (await ops(['stats', 'erd', ...flags, '--url', url])).stdout
    expect(await drawn()).toBe('Nothing to show.\n')
    expect(await drawn('--format', 'mermaid')).toBe('erDiagram\n')
  })
})
