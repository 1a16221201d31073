import type { Context } from '../command.ts'

/** Milliseconds that a batch is given to come to its end after a signal. */
const GRACE = 10_000

/**
 * A context whose connection outlives a signal, so that the batch at work is finished and committed rather than
 * cancelled; after the grace it is cancelled all the same.
 */
export async function patiently<T>(context: Context, work: (patient: Context) => Promise<T>): Promise<T> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const later = () => {
    timer = setTimeout(() => late.abort(context.signal.reason), GRACE)
  }
  if (context.signal.aborted) later()
  context.signal.addEventListener('abort', later)
  try {
    return await work({ ...context, signal: late.signal })
  } finally {
    context.signal.removeEventListener('abort', later)
    clearTimeout(timer)
  }
}
