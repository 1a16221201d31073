import { ORDINARY } from '../catalog/scope.ts'
import { serverSettings } from '../catalog/server-settings.ts'
import { type VacuumState, vacuumStates } from '../catalog/vacuum-state.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { type Check, type Finding, finding, judgeValue, orOk, type Thresholds } from './check.ts'

/** Below this, a table is read in no time whatever it holds. */
const ROWS = 10_000
/** How far beyond its trigger autovacuum may lag. */
const OVERDUE = 2

const vacuums = (database: Database) => vacuumStates(database, ORDINARY)

export const autovacuum: Check = {
  id: 'autovacuum',
  thresholds: { warn: 0.2, critical: null },
  async run(subject, thresholds) {
    const off = (await serverSettings(subject.database, ['autovacuum', 'track_counts'])).filter(
      ({ name, value }) => ['autovacuum', 'track_counts'].includes(name) && value === 'off',
    )
    const switched = off.map(({ name }) =>
      finding('critical', `${name} is off: dead rows stay, and in the end the server stops taking writes.`, {
        object: name,
        value: 'off',
        fix: `ALTER SYSTEM SET ${name} = on; SELECT pg_reload_conf();`,
      }),
    )
    if (subject.database.server.inRecovery)
      return orOk(switched, 'A standby is vacuumed by its primary: ask there.')
    const states = await subject.once(vacuums)
    const tables = states.flatMap(state => [
      ...(off.length === 0 && !state.autovacuum ? [switchedOff(state)] : []),
      ...bloated(state, thresholds),
    ])
    return orOk([...switched, ...tables], 'Autovacuum keeps up.')
  },
}

function switchedOff({ schema, table }: VacuumState): Finding {
  return finding('warn', `Autovacuum is off for ${schema}.${table}: its dead rows stay.`, {
    object: `${schema}.${table}`,
    fix: `ALTER TABLE ${quoted(schema, table)} RESET (autovacuum_enabled);`,
  })
}

function bloated(state: VacuumState, thresholds: Thresholds): Finding[] {
  const { schema, table, deadRows, liveRows, deadTrigger } = state
  const ratio = deadRows / Math.max(deadRows + liveRows, 1)
  const overdue = deadRows >= OVERDUE * deadTrigger ? 'warn' : 'ok'
  const status = judgeValue(ratio, thresholds)
  if (deadRows < ROWS || (status === 'ok' && overdue === 'ok')) return []
  return [
    finding(
      status === 'ok' ? overdue : status,
      `${Math.round(ratio * 100)} % of ${schema}.${table} is dead rows (${deadRows}): every scan reads them, and autovacuum has not come by.`,
      {
        object: `${schema}.${table}`,
        value: ratio,
        unit: 'ratio',
        thresholds,
        fix: `VACUUM (ANALYZE) ${quoted(schema, table)};`,
        evidence: [state],
      },
    ),
  ]
}

export const staleStatistics: Check = {
  id: 'stale-statistics',
  thresholds: { warn: ROWS, critical: null },
  async run(subject, thresholds) {
    if (subject.database.server.inRecovery)
      return finding('skipped', 'A standby is analysed by its primary: ask there.')
    const states = await subject.once(vacuums)
    return orOk(
      states.flatMap(state => stale(state, thresholds)),
      'The planner knows the tables as they are.',
    )
  },
}

/** A table that was never analysed has no trigger to be measured by. */
function stale(state: VacuumState, thresholds: Thresholds): Finding[] {
  const { schema, table, changedRows, liveRows, analyzeTrigger, lastAnalyze, lastAutoanalyze } = state
  const never = lastAnalyze === null && lastAutoanalyze === null
  const value = never ? Math.max(changedRows, liveRows) : changedRows
  const status = judgeValue(value, thresholds)
  if (status === 'ok' || !(never || changedRows >= OVERDUE * analyzeTrigger)) return []
  const message = never
    ? `${schema}.${table} has ${value} rows and was never analysed: the planner guesses.`
    : `${changedRows} rows of ${schema}.${table} have changed since it was analysed: the planner goes by what was.`
  return [
    finding(status, message, {
      object: `${schema}.${table}`,
      value,
      unit: 'rows',
      thresholds,
      fix: `ANALYZE ${quoted(schema, table)};`,
      evidence: [state],
    }),
  ]
}
