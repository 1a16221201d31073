import type { PostgresMajor } from './runtimes.ts'

/** Where a server listens; plain data, so that it can be handed to a test's process. */
export interface ServerAddress {
  readonly major: PostgresMajor
  readonly host: string
  readonly port: number
  readonly socketDirectory: string
}

export function urlOf({ host, port }: ServerAddress, database = 'postgres', user = 'postgres'): string {
  return `postgres://${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(database)}`
}
