import type { Address, Target } from '../project/target.ts'

/** The server and the credentials that were being tried when a connection failed. */
export interface Attempt {
  readonly address: Address
  readonly target: Target
}

/** The place of a server in a sentence. */
export function placeOf({ host, port }: Address): string {
  if (host.startsWith('/')) return `the socket ${host}/.s.PGSQL.${port}`
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
