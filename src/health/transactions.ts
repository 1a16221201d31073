import { preparedTransactions } from '../catalog/prepared-transactions.ts'
import { ORDINARY } from '../catalog/scope.ts'
import type { Backend } from '../catalog/sessions.ts'
import { wraparoundAges } from '../catalog/wraparound.ts'
import { xminHolders } from '../catalog/xmin-holders.ts'
import { quoted } from '../database/identifier.ts'
import { milliseconds } from '../output/words.ts'
import { told } from './blocking.ts'
import { type Check, type Finding, finding, judgeValue, orOk, type Thresholds } from './check.ts'
import { hiddenSessions, sessionsHere } from './sight.ts'

export const idleInTransaction: Check = {
  id: 'idle-in-transaction',
  thresholds: { warn: 60, critical: 300 },
  async run(subject, thresholds) {
    const idle = (await sessionsHere(subject)).filter(({ state }) => state?.startsWith('idle in transaction'))
    return orOk(
      [
        ...longest(
          idle,
          ({ stateMs }) => stateMs ?? 0,
          thresholds,
          (worst, count) => ({
            message: `${count === 1 ? '1 session is' : `${count} sessions are`} idle in a transaction, first ${told(worst.pid, worst)}: it keeps its locks and holds back VACUUM.`,
            fix: `SELECT pg_terminate_backend(${worst.pid}); and set idle_in_transaction_session_timeout.`,
          }),
        ),
        ...(await hiddenSessions(subject, 'whether they are idle in a transaction')),
      ],
      'No session is idle in a transaction.',
    )
  },
}

/** A dump takes as long as it takes. */
const DUMPS = /^pg_dump/

export const longTransaction: Check = {
  id: 'long-transaction',
  thresholds: { warn: 300, critical: 3600 },
  async run(subject, thresholds) {
    const open = (await sessionsHere(subject)).filter(
      ({ kind, transactionMs, application }) =>
        kind === 'client backend' && transactionMs !== null && !DUMPS.test(application ?? ''),
    )
    return orOk(
      [
        ...longest(
          open,
          ({ transactionMs }) => transactionMs ?? 0,
          thresholds,
          worst => ({
            message: `The longest transaction is that of ${told(worst.pid, worst)}: VACUUM cannot remove what it may still see.`,
            fix: `SELECT pg_terminate_backend(${worst.pid}); if nobody needs it.`,
          }),
        ),
        ...(await hiddenSessions(subject, 'how long their transactions last')),
      ],
      'No transaction is open.',
    )
  },
}

/** The session with the longest time, judged; nothing where there is none. */
function longest(
  sessions: readonly Backend[],
  time: (session: Backend) => number,
  thresholds: Thresholds,
  tell: (worst: Backend, count: number) => { readonly message: string; readonly fix: string },
): Finding[] {
  const sorted = sessions.toSorted((one, other) => time(other) - time(one))
  const [worst] = sorted
  if (!worst) return []
  const value = time(worst) / 1000
  const status = judgeValue(value, thresholds)
  const { message, fix } = tell(worst, sessions.length)
  return [
    finding(status, message, {
      value,
      unit: 's',
      thresholds,
      fix: status === 'ok' ? null : fix,
      evidence: sorted.slice(0, 10),
    }),
  ]
}

export const xminHorizon: Check = {
  id: 'xmin-horizon',
  thresholds: { warn: 1e6, critical: 1e8 },
  async run(subject, thresholds) {
    const [oldest, ...others] = await xminHolders(subject.database)
    const hidden = await hiddenSessions(subject, 'how far they hold back VACUUM')
    if (!oldest) return orOk(hidden, 'Nothing holds back VACUUM.')
    const { kind, holder, xidAge, ageMs } = oldest
    const status = judgeValue(xidAge, thresholds)
    const named = kind === 'session' ? `process ${holder}` : `the ${kind} ${holder}`
    const message = `${named.charAt(0).toUpperCase()}${named.slice(1)} keeps what ${xidAge} transactions since have left dead from being removed${ageMs === null ? '' : `, for ${milliseconds(ageMs)} now`}.`
    return [
      finding(status, message, {
        object: kind === 'session' || status === 'ok' ? null : holder,
        value: xidAge,
        unit: 'transactions',
        thresholds,
        fix: status === 'ok' ? null : RELEASE[kind](holder),
        evidence: [oldest, ...others.slice(0, 9)],
      }),
      ...hidden,
    ]
  },
}

const RELEASE = {
  session: (pid: string) => `SELECT pg_terminate_backend(${pid});`,
  slot: (name: string) => `SELECT pg_drop_replication_slot('${name}'); if nobody reads it any more.`,
  standby: (name: string) => `End the long query on ${name}, or turn its hot_standby_feedback off.`,
  'prepared transaction': (gid: string) => `ROLLBACK PREPARED '${gid}';`,
}

export const preparedTransactionsCheck: Check = {
  id: 'prepared-transactions',
  thresholds: { warn: 300, critical: 3600 },
  async run({ database }, thresholds) {
    const prepared = await preparedTransactions(database)
    return orOk(
      prepared.map(({ gid, owner, seconds }) => {
        const status = judgeValue(seconds, thresholds)
        return finding(
          status,
          `The transaction ${gid} of ${owner} has been prepared for ${milliseconds(seconds * 1000)}: until it ends, it keeps its locks and holds back VACUUM.`,
          {
            object: gid,
            value: seconds,
            unit: 's',
            thresholds,
            fix:
              status === 'ok'
                ? null
                : `COMMIT PREPARED '${gid.replaceAll("'", "''")}'; or ROLLBACK PREPARED '${gid.replaceAll("'", "''")}';`,
          },
        )
      }),
      'No transaction is prepared.',
    )
  },
}

export const wraparound: Check = {
  id: 'wraparound',
  thresholds: { warn: 1e9, critical: 1.6e9 },
  async run({ database }, thresholds) {
    const ages = await wraparoundAges(database, { ...ORDINARY, everything: true })
    const tables = ages.filter(({ kind }) => kind === 'table').slice(0, 3)
    const found = ages
      .filter(({ kind }) => kind === 'database')
      .flatMap(({ name, xidAge, multixactAge }) => {
        const value = Math.max(xidAge, multixactAge)
        const status = judgeValue(value, thresholds)
        if (status === 'ok') return []
        const here = name === database.identity.name
        const what = xidAge >= multixactAge ? 'transactions' : 'multixacts'
        return [
          finding(
            status,
            `The oldest rows of ${name} lie ${value} ${what} back; near 2,146,000,000 the server takes no more writes.`,
            {
              object: name,
              value,
              unit: what,
              thresholds,
              fix: here
                ? `VACUUM (FREEZE) ${tables.map(({ schema, name }) => quoted(schema ?? '', name)).join(', ')};`
                : `In ${name}: VACUUM (FREEZE);`,
              evidence: here ? tables : [],
            },
          ),
        ]
      })
    const oldest = Math.max(0, ...ages.map(({ xidAge, multixactAge }) => Math.max(xidAge, multixactAge)))
    return found.length > 0
      ? found
      : finding('ok', `The oldest rows lie ${oldest} transactions back.`, {
          value: oldest,
          unit: 'transactions',
          thresholds,
        })
  },
}
