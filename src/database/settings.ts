import type { Connection, SessionFacts } from './connect.ts'
import type { Database } from './database.ts'
import type { Pooler } from './pooler.ts'

/** Per-command session settings. Milliseconds; 0 waits for ever. */
export interface SessionSettings {
  readonly statementTimeout: number
  readonly lockTimeout: number
  readonly readOnly: boolean
}

/** PostgreSQL 14 and later notice within this time that a killed client is gone, and free its locks (measured: 5.2 s without, 0.17 s with). */
const CLIENT_CHECK_INTERVAL = 500

/** Takes back every SET. RESET ALL leaves roles alone, and the first alone forgets a role that ALTER ROLE … SET role gives. */
export const RESET_SESSION = 'RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL'

/** Sets the session up, in one round trip. Behind a transaction pooler a SET would leak to other clients: nothing is set there. */
export async function applySettings(
  connection: Connection,
  settings: SessionSettings,
  pooler: Pooler,
): Promise<void> {
  if (pooler === 'transaction') return
  await connection.sql.unsafe(sessionSql(settings, connection.facts)).simple()
}

/** The session as it was when the command began. */
export function freshSession({ settings, server }: Database): string {
  return `${RESET_SESSION}; ${sessionSql(settings, server)}`
}

/** The same settings for one transaction: what a transaction pooler's session may be given. */
export function settingsWithin({ settings, server }: Database): string {
  return sessionSql(settings, server).replaceAll('SET ', 'SET LOCAL ')
}

export function timeouts({
  statementTimeout,
  lockTimeout,
}: Pick<SessionSettings, 'statementTimeout' | 'lockTimeout'>): string {
  return `SET statement_timeout = ${statementTimeout}; SET lock_timeout = ${lockTimeout}`
}

function sessionSql(
  settings: SessionSettings,
  { versionNumber, onWindows }: Pick<SessionFacts, 'versionNumber' | 'onWindows'>,
): string {
  const checks = versionNumber >= 140_000 && !onWindows
  return [
    timeouts(settings),
    // the planner's guesses at catalogs are high enough for JIT, which then takes longer than the question
    ...(settings.readOnly ? ['SET default_transaction_read_only = on', 'SET jit = off'] : []),
    ...(checks ? [`SET client_connection_check_interval = ${CLIENT_CHECK_INTERVAL}`] : []),
  ].join('; ')
}
