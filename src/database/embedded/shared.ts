import { makeDirectory } from './files.ts'

/** Where root keeps what the user of the server cannot reach in the project. */
export const sharedFolder = '/var/lib/drizzle-ops'

/** Open to all users, whatever root's umask is. */
export function makeSharedFolder(): Promise<void> {
  return makeDirectory(sharedFolder, 0o755)
}
