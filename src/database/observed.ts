import type { Sql } from './connect.ts'

/** Told of a statement once it has been answered or refused, and how many milliseconds that took. */
export type Observer = (text: string, ms: number) => void

/**
 * The client as Drizzle uses it, its statements told to `observer`: `unsafe`, of which `.values()` may be asked, and
 * `begin` and `savepoint` with a client of their own. BEGIN and COMMIT are the driver's own and are not told.
 */
export function observed<Client extends Sql>(client: Client, observer: Observer): Client {
  return new Proxy(client, {
    get: (target, key) => {
      if (key === 'unsafe')
        return (...args: Parameters<Sql['unsafe']>) =>
          observedQuery(target.unsafe(...args), args[0], observer)
      const value: unknown = Reflect.get(target, key)
      if ((key !== 'begin' && key !== 'savepoint') || typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const work = args.pop() as (inner: Client) => unknown
        return value(...args, (inner: Client) => work(observed(inner, observer)))
      }
    },
  })
}

type Query = ReturnType<Sql['unsafe']>

/** A query of the driver's is sent when somebody waits for it, and not before. */
function observedQuery(query: Query, text: string, observer: Observer) {
  const sent = async <T>(answer: PromiseLike<T>): Promise<T> => {
    const started = performance.now()
    try {
      return await answer
    } finally {
      observer(text, performance.now() - started)
    }
  }
  return waiting(() => sent(query), { values: () => waiting(() => sent(query.values()), {}) })
}

function waiting<T, Rest extends object>(send: () => Promise<T>, rest: Rest): PromiseLike<T> & Rest {
  // biome-ignore lint/suspicious/noThenProperty: it is to be waited for
  return { ...rest, then: (...settle) => send().then(...settle) }
}
