import type { Backend } from '../catalog/sessions.ts'
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
