import { readFile } from 'node:fs/promises'
import { OpsError } from '../../errors.ts'

/** The text of a seed. Throws OpsError `seed-file`, exit 2. */
export async function readSeed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new OpsError({
      code: 'seed-file',
      message: `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}.`,
      hint: 'Check the path, or ops.seed.file in the config.',
      exit: 2,
      where: { file },
      cause,
    })
  }
}
