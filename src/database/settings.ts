import type { Connection } from './connect.ts'
import type { Pooler } from './pooler.ts'

/** Per-command session settings. Milliseconds; 0 waits for ever. */
export interface SessionSettings {
  readonly statementTimeout: number
  readonly lockTimeout: number
  readonly readOnly: boolean
}

/** PostgreSQL 14 and later notice within this time that a killed client is gone, and free its locks (measured: 5.2 s without, 0.17 s with). */
const CLIENT_CHECK_INTERVAL = 500

/** Sets the session up, in one round trip. Behind a transaction pooler a SET would leak to other clients: nothing is set there. */
export async function applySettings(
  connection: Connection,
  settings: SessionSettings,
  pooler: Pooler,
): Promise<void> {
  if (pooler === 'transaction') return
  await connection.sql.unsafe(sessionSql(settings, connection.facts.versionNumber)).simple()
}

/** The SETs of a session, also for after a RESET ALL. */
export function sessionSql(settings: SessionSettings, versionNumber: number): string {
  return [
    `SET statement_timeout = ${settings.statementTimeout}`,
    `SET lock_timeout = ${settings.lockTimeout}`,
    ...(settings.readOnly ? ['SET default_transaction_read_only = on'] : []),
    ...(versionNumber >= 140_000 ? [`SET client_connection_check_interval = ${CLIENT_CHECK_INTERVAL}`] : []),
  ].join('; ')
}
