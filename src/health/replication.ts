import { setTimeout as sleep } from 'node:timers/promises'
import { type ReplicationState, replicationStates } from '../catalog/replication-state.ts'
import type { Database } from '../database/database.ts'
import { bytes, milliseconds } from '../output/words.ts'
import { type Check, type Finding, finding, judgeValue, orOk, type Thresholds, worse } from './check.ts'
import { grantStats } from './sight.ts'

/** WAL that a slot without a reader keeps: the disk fills up with it. */
const RETAINED: Thresholds = { warn: 512 * 1024 ** 2, critical: 8 * 1024 ** 3 }

/** Lag in seconds; what slots keep has thresholds of its own. */
export const replication: Check = {
  id: 'replication',
  thresholds: { warn: 60, critical: 300 },
  async run({ database }, thresholds) {
    const states = await settledStates(database, thresholds)
    const found = states.flatMap(state => {
      if (state.kind === 'receiver') return receiver(state, thresholds)
      return state.kind === 'slot' ? slot(state) : standby(state, thresholds)
    })
    const hidden = states.filter(({ kind, state }) => kind === 'standby' && state === null).length
    const unseen = finding(
      'unknown',
      `${hidden} standbys show ${database.identity.user} nothing but that they are there.`,
      {
        value: hidden,
        unit: 'standbys',
        fix: grantStats(database),
      },
    )
    return orOk(
      hidden > 0 ? [...found, unseen] : found,
      states.length === 0 ? 'Nothing is replicated.' : 'Replication keeps up.',
    )
  },
}

/** What a standby replays at once. */
const MOMENT = 1000

/** After an idle hour, what is on its way to a standby at this very moment looks an hour old: a second look tells. */
async function settledStates(database: Database, thresholds: Thresholds): Promise<ReplicationState[]> {
  const states = await replicationStates(database)
  const late = states.some(
    ({ kind, lagMs, note }) =>
      kind === 'receiver' && note === null && judgeValue((lagMs ?? 0) / 1000, thresholds) !== 'ok',
  )
  if (!late) return states
  await sleep(MOMENT)
  return replicationStates(database)
}

/** Only a running receiver makes a standby's lag mean anything: without one, nothing arrives that it could be behind. */
function receiver(state: ReplicationState, thresholds: Thresholds): Finding[] {
  if (!state.active) {
    return [
      finding('critical', 'This standby has no connection to its primary: what is read here grows old.', {
        value: 'disconnected',
        fix: "See primary_conninfo, the primary itself and this server's log.",
        evidence: [state],
      }),
    ]
  }
  const seconds = (state.lagMs ?? 0) / 1000
  const status = worse(judgeValue(seconds, thresholds), state.note ? 'warn' : 'ok')
  if (status === 'ok') return []
  return [
    finding(
      status,
      `This standby is ${milliseconds(seconds * 1000)} behind its primary${state.note ? `, and ${state.note}` : ''}.`,
      {
        value: seconds,
        unit: 's',
        thresholds,
        fix: state.note
          ? 'SELECT pg_wal_replay_resume();'
          : 'Look for a long query here, or a slow network or disk.',
        evidence: [state],
      },
    ),
  ]
}

function standby(state: ReplicationState, thresholds: Thresholds): Finding[] {
  const seconds = (state.lagMs ?? 0) / 1000
  const status = judgeValue(seconds, thresholds)
  if (status === 'ok') return []
  return [
    finding(status, `The standby ${state.name} is ${milliseconds(seconds * 1000)} behind.`, {
      object: state.name,
      value: seconds,
      unit: 's',
      thresholds,
      fix: 'Look for a long query on it, or a slow network or disk.',
      evidence: [state],
    }),
  ]
}

function slot(state: ReplicationState): Finding[] {
  const { name, active, walStatus, lagBytes } = state
  const drop = `SELECT pg_drop_replication_slot('${name}'); or let its reader come back.`
  if (walStatus === 'lost' || state.note !== null) {
    return [
      finding('critical', `The slot ${name} has lost the WAL that it was to keep: its reader cannot go on.`, {
        object: name,
        fix: `SELECT pg_drop_replication_slot('${name}'); and build its reader anew.`,
        evidence: [state],
      }),
    ]
  }
  const status = active ? 'ok' : judgeValue(lagBytes ?? 0, RETAINED)
  if (status === 'ok') return []
  return [
    finding(
      status,
      `Nobody reads the slot ${name}, and it keeps ${bytes(lagBytes ?? 0)} of WAL on the disk.`,
      {
        object: name,
        value: lagBytes,
        unit: 'bytes',
        thresholds: RETAINED,
        fix: drop,
        evidence: [state],
      },
    ),
  ]
}
