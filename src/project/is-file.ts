import { existsSync, statSync } from 'node:fs'

/** Also a pipe; but a folder is none: Python keeps whole environments in one named `.env`. */
export function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory()
}
