/** PostgreSQL's lock modes by strength, as pg_locks spells them: https://www.postgresql.org/docs/current/explicit-locking.html */
export const LOCK_MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
] as const

export type LockMode = (typeof LOCK_MODES)[number]

export function strongest(modes: readonly LockMode[]): LockMode {
  return LOCK_MODES[Math.max(...modes.map(mode => LOCK_MODES.indexOf(mode)))] ?? 'AccessShareLock'
}

export function byStrength(a: LockMode, b: LockMode): number {
  return LOCK_MODES.indexOf(b) - LOCK_MODES.indexOf(a)
}
