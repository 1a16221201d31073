import { homedir } from 'node:os'
import { promisify } from 'node:util'
import type { Target } from './target.ts'

/**
 * The target with its password from `~/.pgpass` (or PGPASSFILE) where nothing else gave one.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export async function withPasswordFile(target: Target, env: NodeJS.ProcessEnv): Promise<Target> {
  if (target.password() !== undefined) return target
  const fallback = env.PGPASSWORD || (await fromFile(target, env))
  return fallback ? { ...target, password: () => fallback } : target
}

async function fromFile(target: Target, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { existsSync } = await import('node:fs')
  if (!existsSync(env.PGPASSFILE || `${env.HOME || homedir()}/.pgpass`)) return undefined
  const { default: pgpass } = await import('pgpass')
  const [{ host, port }] = target.addresses
  const lookUp = promisify((name: string, done: (error: null, password: string | undefined) => void) =>
    pgpass({ host: name, port, database: target.database, user: target.user }, password =>
      done(null, password),
    ),
  )
  // a socket's directory goes by its own name, and the usual one, which depends on the system, by localhost
  return (await lookUp(host)) ?? (host.startsWith('/') ? lookUp('localhost') : undefined)
}
