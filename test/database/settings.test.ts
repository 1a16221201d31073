import { expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { freshSession, settingsWithin } from '../../src/database/settings.ts'

const database = (facts: { versionNumber: number; onWindows: boolean }) =>
  ({
    settings: { statementTimeout: 1000, lockTimeout: 300, readOnly: false },
    server: facts,
  }) as Database

it.each([
  ['PostgreSQL 14', { versionNumber: 140_000, onWindows: false }, true],
  ['PostgreSQL 13, which does not know it', { versionNumber: 130_000, onWindows: false }, false],
  ['PostgreSQL on Windows, which refuses it', { versionNumber: 180_000, onWindows: true }, false],
])('a session is told to look after its client: %s', (_, facts, told) => {
  expect(freshSession(database(facts))).toBe(
    `RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET statement_timeout = 1000; SET lock_timeout = 300${
      told ? '; SET client_connection_check_interval = 500' : ''
    }`,
  )
})

it('one transaction may be given settings of its own', () => {
  expect(settingsWithin(database({ versionNumber: 140_000, onWindows: false }))).toBe(
    'SET LOCAL statement_timeout = 1000; SET LOCAL lock_timeout = 300; SET LOCAL client_connection_check_interval = 500',
  )
})

it('what only reads asks the catalogs, for which JIT is too slow', () => {
  const { settings, server } = database({ versionNumber: 130_000, onWindows: false })
  expect(settingsWithin({ server, settings: { ...settings, readOnly: true } } as Database)).toBe(
    'SET LOCAL statement_timeout = 1000; SET LOCAL lock_timeout = 300; SET LOCAL default_transaction_read_only = on; SET LOCAL jit = off',
  )
})
