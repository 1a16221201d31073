/** Every check, in the order in which `health` runs and shows them. */
export const QUICK_IDS = ['connect', 'version', 'role', 'tls', 'migrations', 'connections'] as const

export const DEEP_IDS = [
  'blocked-sessions',
  'idle-in-transaction',
  'long-transaction',
  'xmin-horizon',
  'prepared-transactions',
  'wraparound',
  'autovacuum',
  'stale-statistics',
  'invalid-indexes',
  'not-valid-constraints',
  'sequence-exhaustion',
  'sequence-behind',
  'integer-keys',
  'foreign-key-indexes',
  'redundant-indexes',
  'unused-indexes',
  'primary-keys',
  'unlogged-tables',
  'replication',
  'archiving',
  'checksums',
  'settings',
  'time-zone',
  'statements-extension',
  'retention',
] as const

export type HealthCheckId = (typeof QUICK_IDS)[number] | (typeof DEEP_IDS)[number]

export const CHECK_IDS: readonly HealthCheckId[] = [...QUICK_IDS, ...DEEP_IDS]
