import { type ExitCode, knowing, OpsError } from './errors.ts'

export type Signal = 'SIGINT' | 'SIGTERM'

const SIGNAL_EXIT: Record<Signal, ExitCode> = { SIGINT: 130, SIGTERM: 143 }

/** What sends signals: `process`, or a test's stand-in. */
export interface SignalSource {
  on(signal: Signal, listener: () => void): unknown
  off(signal: Signal, listener: () => void): unknown
}

/** A signal that aborts with SIGINT and SIGTERM until `stop` is called. */
export function interruptedBy(source: SignalSource): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const listeners = (['SIGINT', 'SIGTERM'] as const).map(signal => {
    const listener = () => controller.abort(interrupted(signal))
    source.on(signal, listener)
    return () => source.off(signal, listener)
  })
  return {
    signal: controller.signal,
    stop: () => {
      for (const remove of listeners) remove()
    },
  }
}

/** Whatever a command throws once a signal has fired is the signal's doing; what it had done by then stays told. */
export function stopped({ reason }: AbortSignal, thrown: unknown): unknown {
  return thrown instanceof OpsError ? knowing(reason, thrown.known) : reason
}

function interrupted(signal: Signal): OpsError {
  return new OpsError({
    code: 'interrupted',
    message: `Stopped by ${signal}.`,
    hint: 'What was not finished has been rolled back; run the command again to go on.',
    exit: SIGNAL_EXIT[signal],
  })
}
