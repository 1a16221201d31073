import { withArchiveFile } from '../graph/archive-file.ts'
import type { Target } from './write.ts'

/** Stops psql at the first error, and makes every psql and server read the same. */
const HEAD = "\\set ON_ERROR_STOP on\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n"
const ROWS = /\n/g

/**
 * A script for psql, of what is done to the target: readable by its owner only, and complete or not there at all.
 * Throws OpsError `file-unwritable`.
 */
export async function withSqlFile<T>(file: string, work: (target: Target) => Promise<T>): Promise<T> {
  const [result] = await withArchiveFile(file, 'none', async write => {
    await write(Buffer.from(HEAD))
    return work({
      script: async text => {
        await write(Buffer.from(`${text};\n`))
        return []
      },
      copyIn: async (statement, source) => {
        let rows = 0
        await write(Buffer.from(`${statement};\n`))
        for await (const piece of source) {
          rows += piece.toString('latin1').match(ROWS)?.length ?? 0
          await write(piece)
        }
        await write(Buffer.from('\\.\n'))
        return rows
      },
    })
  })
  return result
}
