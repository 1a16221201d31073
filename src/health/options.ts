import type { HealthConfig, HealthIgnore } from '../config.ts'
import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'
import { CHECK_IDS, type HealthCheckId } from './ids.ts'
import type { ThresholdChanges } from './run.ts'

const KEYS = ['ignore', 'thresholds']
const IGNORE_KEYS = ['check', 'object', 'reason', 'until']
const LEVELS = ['warn', 'critical']
const DAY = /^\d{4}-\d\d-\d\d$/

/** `ops.health`, every word of it known. */
export interface HealthSettings {
  readonly ignore: readonly HealthIgnore[]
  readonly thresholds: ThresholdChanges
}

/** Reads `ops.health`. `judged` are the checks that have thresholds. Throws OpsError `ops-unknown-key` or `ops-invalid`, exit 2. */
export function readHealth(config: HealthConfig = {}, judged: readonly string[]): HealthSettings {
  known(config, KEYS, 'ops.health')
  const { ignore = [], thresholds = {} } = config
  if (!Array.isArray(ignore)) throw invalid('ops.health.ignore is not an array')
  for (const entry of ignore) checkIgnore(entry)
  known(thresholds, judged, 'ops.health.thresholds')
  for (const [id, changes] of Object.entries(thresholds)) {
    known(changes, LEVELS, `ops.health.thresholds['${id}']`)
    if (Object.values(changes).some(value => value !== null && typeof value !== 'number'))
      throw invalid(`ops.health.thresholds['${id}'] needs numbers, or null for never`)
  }
  return { ignore, thresholds }
}

function checkIgnore(entry: HealthIgnore): void {
  known(entry, IGNORE_KEYS, 'ops.health.ignore')
  namedCheck(entry.check, 'ops.health.ignore')
  if (typeof entry.reason !== 'string' || entry.reason.trim() === '')
    throw invalid(`ops.health.ignore of ${entry.check} gives no reason`)
  const { until } = entry
  if (until !== undefined && !(DAY.test(until) && Number.isFinite(Date.parse(until))))
    throw invalid(`ops.health.ignore of ${entry.check} needs a day under until, such as 2027-01-31`)
}

/** The id, if it is a check's. */
export function namedCheck(id: string, where: string): HealthCheckId {
  const found = CHECK_IDS.find(each => each === id)
  if (found) return found
  throw unknownName(id, CHECK_IDS, where)
}

function known(value: unknown, names: readonly string[], where: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${where} is not an object`)
  const unknown = Object.keys(value).find(key => !names.includes(key))
  if (unknown !== undefined) throw unknownName(unknown, names, where)
}

function unknownName(name: string, names: readonly string[], where: string): OpsError {
  return new OpsError({
    code: 'ops-unknown-key',
    message: `${where} names ${name}, which there is not.`,
    hint: suggestion(name, names, `There are ${names.join(', ')}.`),
    exit: 2,
  })
}

function invalid(what: string): OpsError {
  return new OpsError({
    code: 'ops-invalid',
    message: `${what}.`,
    hint: "Wrap the ops export in defineOps from 'drizzle-ops/config', and the editor shows what belongs there.",
    exit: 2,
  })
}
