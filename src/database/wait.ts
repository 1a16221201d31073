import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Target } from '../project/target.ts'
import { connect } from './connect.ts'

export interface WaitOptions {
  /** Milliseconds, from the first attempt to the last answer. */
  readonly timeout: number
  /** So many successes in a row: a container's first server is a passing one. */
  readonly stable: number
  readonly allowMissingDatabase: boolean
}

export interface Readiness {
  readonly ready: true
  readonly attempts: number
  readonly ms: number
}

/** What passes by itself while a server, a container or a network comes up. */
const PASSING = [
  'connection-refused',
  'connection-lost',
  'connect-timeout',
  'host-unknown',
  'host-unreachable',
  'server-starting',
  'server-stopping',
  'too-many-connections',
]
const PAUSE = 500
const PAUSE_BETWEEN_SUCCESSES = 1000

/**
 * Waits until the real URL answers a query in its own database. A wrong password, an unknown database or an
 * untrusted certificate fails at once: waiting does not mend them.
 * Throws OpsError `not-ready`, exit 3, when the time is over.
 */
export async function waitForServer(
  context: Context,
  target: Target,
  options: WaitOptions,
): Promise<Readiness> {
  const started = performance.now()
  const deadline = started + options.timeout
  let attempts = 0
  let told = ''
  for (let successes = 0; ; ) {
    attempts += 1
    const failure = await attempt(context, target, Math.max(deadline - performance.now(), 1), options)
    if (failure === undefined) successes += 1
    else {
      successes = 0
      if (failure.code !== told) context.report.note(`Waiting: ${failure.message}`)
      told = failure.code
    }
    if (successes >= options.stable) return { ready: true, attempts, ms: performance.now() - started }
    const pause = successes > 0 ? PAUSE_BETWEEN_SUCCESSES : PAUSE
    if (performance.now() + pause >= deadline)
      throw notReady(options, failure, attempts, performance.now() - started)
    await sleep(pause, undefined, { signal: context.signal })
  }
}

/** One attempt: undefined when the server answered, the error when waiting may help. Throws any other. */
async function attempt(
  context: Context,
  target: Target,
  left: number,
  { allowMissingDatabase }: WaitOptions,
): Promise<OpsError | undefined> {
  const timeout = Math.ceil(Math.min(left, context.globals.connectTimeout))
  try {
    const connection = await connect(target, {
      applicationName: 'drizzle-ops wait',
      timeout,
      signal: context.signal,
    })
    context.reached(connection.identity)
    await connection.close()
    return undefined
  } catch (error) {
    if (!(error instanceof OpsError) || context.signal.aborted) throw error
    if (allowMissingDatabase && error.code === 'database-unknown') return undefined
    if (!PASSING.includes(error.code)) throw error
    return error
  }
}

function notReady(
  { timeout }: WaitOptions,
  last: OpsError | undefined,
  attempts: number,
  ms: number,
): OpsError {
  const tried = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
  return new OpsError({
    code: 'not-ready',
    message: `The database was not ready within ${timeout / 1000}s (${tried})${last ? `: ${last.message}` : '.'}`,
    hint: last?.hint ?? 'It answered, but not often enough in a row: wait longer with --timeout.',
    exit: 3,
    sqlstate: last?.sqlstate,
    cause: last,
    known: { ready: false, attempts, ms },
  })
}
