import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from '../command.ts'
import { OpsError } from '../errors.ts'
import { line } from '../output/blocks.ts'
import { findProject } from '../project/project.ts'
import { withProjectDatabase } from '../session.ts'
import { asking, askingOptions } from '../stats/asking.ts'
import { takeSnapshot } from '../stats/snapshot.ts'

interface SnapshotOptions {
  readonly output: string
}

interface SnapshotResult {
  readonly file: string
  readonly at: string
  /** How many numbers it holds. */
  readonly measures: number
}

export const statsSnapshot: Command<SnapshotOptions, SnapshotResult> = {
  options(cli) {
    cli.requiredOption('-o, --output <file>', 'write it here')
  },

  async run(context, { output }) {
    const project = await findProject(context)
    const snapshot = await withProjectDatabase(context, project, askingOptions(context), database =>
      takeSnapshot(asking(database)),
    )
    const file = resolve(context.cwd, output)
    await writeFile(file, `${JSON.stringify(snapshot, null, 1)}\n`).catch(cause => {
      throw notWritten(file, cause)
    })
    return { file, at: snapshot.at, measures: snapshot.measures.length }
  },

  view: ({ file, measures }) => [
    line(`Wrote ${measures} figures to ${file}.`, 'good'),
    line(`  → later: drizzle-ops stats diff ${file}`),
  ],
}

function notWritten(file: string, cause: NodeJS.ErrnoException): OpsError {
  return new OpsError({
    code: 'file-not-written',
    message: `${file} cannot be written (${cause.code}).`,
    hint: 'Name another file with -o.',
    exit: 2,
    cause,
  })
}
