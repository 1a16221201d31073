import { preparedTransactions } from '../catalog/prepared-transactions.ts'
import { ORDINARY } from '../catalog/scope.ts'
import { wraparoundAges } from '../catalog/wraparound.ts'
import { xminHolders } from '../catalog/xmin-holders.ts'
import { quoted } from '../database/identifier.ts'
import { milliseconds } from '../output/words.ts'
import { type Check, finding, judgeValue, orOk } from './check.ts'
import { hiddenSessions } from './sight.ts'

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
  'prepared transaction': (gid: string) => `ROLLBACK PREPARED '${gid.replaceAll("'", "''")}';`,
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
