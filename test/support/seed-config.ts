import { join } from 'node:path'
import { emptyFolder } from './program.ts'
import { write } from './project.ts'

/** The path of a config whose `ops.seed.columns` is this object, written as TypeScript. */
export function seedConfig(columns: string): string {
  const file = join(emptyFolder(), 'drizzle.config.ts')
  write(
    file,
    `export default { dialect: 'postgresql' }\nexport const ops = { seed: { columns: ${columns} } }\n`,
  )
  return file
}
