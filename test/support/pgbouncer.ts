import { startBouncer, withoutBouncer } from './bouncer.ts'
import { afterTest } from './cleanup.ts'
import { sharedServer } from './shared-servers.ts'

export interface PoolOptions {
  readonly major: number
  readonly mode: 'transaction' | 'session'
  readonly size?: number
  readonly roundRobin?: boolean
}

/** Why there is no PgBouncer to be had, as a sentence. */
export function pgBouncerMissing(): string | undefined {
  const reason = withoutBouncer()
  return reason && `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
}

/** Starts PgBouncer before a shared server until the test ends. Gives the URL of a database through it. */
export async function startPgBouncer({ major, mode, size = 5, roundRobin = false }: PoolOptions) {
  const { host, port } = sharedServer(major)
  const bouncer = await startBouncer({ host, port, mode, size, roundRobin })
  afterTest(bouncer.stop)
  return { url: (database: string) => `postgres://postgres@127.0.0.1:${bouncer.port}/${database}` }
}
