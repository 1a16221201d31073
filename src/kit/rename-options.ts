import { Option } from 'commander'
import { parseRename, type Rename } from './rename.ts'

export interface RenameOptions {
  readonly rename: readonly Rename[]
  readonly create: readonly string[]
}

/** The flags that answer what drizzle-kit asks. */
export function renameOptions(): readonly Option[] {
  return [
    new Option('--rename <old:new>', 'this is a rename (repeatable): users.name:full_name, users:people')
      .argParser((text, before: readonly Rename[]) => [...before, parseRename(text)])
      .default([], 'none'),
    new Option('--create <name>', 'this is new, whatever is gone beside it (repeatable)')
      .argParser((text, before: readonly string[]) => [...before, text])
      .default([], 'none'),
  ]
}
