import type { Command } from '../command.ts'
import { line } from '../output/blocks.ts'
import { bytes } from '../output/words.ts'
import { type ArchiveOptions, type ArchiveResult, declareArchive, readArchive } from './archive-inspect.ts'

export const archiveVerify: Command<ArchiveOptions, ArchiveResult> = {
  options: declareArchive,
  run: readArchive,
  view: ({ tables, chunks, bytes: size }) => {
    const rows = tables.reduce((sum, each) => sum + each.rows, 0)
    return [line(`Whole: ${rows} rows in ${chunks} chunks, ${bytes(size)}.`, 'good')]
  },
}
