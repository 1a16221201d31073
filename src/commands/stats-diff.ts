import { resolve } from 'node:path'
import type { Command, Context } from '../command.ts'
import { line, table, type Unit } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { asking, askingOptions } from '../stats/asking.ts'
import { diffSnapshots, type SnapshotDiff } from '../stats/diff.ts'
import { readSnapshot, type Snapshot, takeSnapshot } from '../stats/snapshot.ts'

interface DiffOptions {
  readonly before: string
  readonly after?: string
}

interface DiffResult extends SnapshotDiff {
  readonly report: 'diff'
  readonly since: string
}

const UNITS: Partial<Record<string, Unit>> = { bytes: 'bytes', ms: 'milliseconds' }

export const statsDiff: Command<DiffOptions, DiffResult> = {
  options(cli) {
    cli
      .argument('<before>', 'the older snapshot')
      .argument('[after]', 'the newer one (default: the database as it is now)')
  },

  async run(context, { before, after }) {
    const older = await readSnapshot(resolve(context.cwd, before))
    const newer = after === undefined ? await now(context) : await readSnapshot(resolve(context.cwd, after))
    return { report: 'diff', since: older.at, ...diffSnapshots(older, newer) }
  },

  view: ({ rows, ms, from, reset }) => [
    table(
      [
        { key: 'kind', title: 'kind' },
        { key: 'measure', title: 'measure' },
        { key: 'change', title: 'change' },
        { key: 'after', title: 'now' },
        { key: 'leftMs', title: 'full in', unit: 'milliseconds' },
        { key: 'schema', title: 'schema' },
        { key: 'name', title: 'name', clipped: true },
        { key: 'perDay', title: 'per day', minor: true },
        { key: 'before', title: 'before', minor: true },
        { key: 'limit', title: 'limit', minor: true },
      ],
      rows.map(({ unit, ...cells }) => {
        const known = UNITS[unit]
        return { cells, ...(known && { unit: known }) }
      }),
    ),
    ...(rows.length === 0 ? [line('Nothing has changed.', 'dim')] : []),
    line(`Within ${milliseconds(ms)}, since ${from}.`, 'dim'),
    ...(reset ? [line('Reset detected: counters fell, and their changes mean nothing.', 'warn')] : []),
  ],
}

async function now(context: Context): Promise<Snapshot> {
  const project = await findProject(context)
  return withProjectDatabase(context, project, askingOptions(context), database =>
    takeSnapshot(asking(database)),
  )
}
