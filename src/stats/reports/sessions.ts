import { connectionGroups, hiddenSessions } from '../../catalog/connection-groups.ts'
import { connectionUse } from '../../catalog/connections.ts'
import { type Backend, sessions } from '../../catalog/sessions.ts'
import { barred, columns, minor } from '../columns.ts'
import type { Note, Question, StatsReport } from '../report.ts'
import { hidden } from '../rights.ts'

const NEEDS = 'pg_read_all_stats for what the sessions of other roles do'
const SESSION = [...columns('pid', 'user', 'application', 'state')]
const MORE = minor('wait', 'database', 'address', 'since', 'kind', 'blockedBy')

/** Who is connected and what they do. */
export const sessionReports: readonly StatsReport[] = [
  {
    name: 'activity',
    summary: 'what each session does right now (--no-query leaves out what it runs)',
    reads: ['pg_stat_activity', 'pg_locks'],
    needs: NEEDS,
    columns: [...SESSION, ...columns('transactionMs', 'queryMs', 'query'), ...MORE],
    ask: question => asked(question, () => true),
  },
  {
    name: 'long-running',
    summary: 'which queries and transactions have run for long (--longer-than, one minute)',
    reads: ['pg_stat_activity'],
    needs: NEEDS,
    columns: [...SESSION, ...columns('transactionMs', 'queryMs', 'query'), ...MORE],
    ask: question =>
      asked(
        question,
        ({ kind, queryMs, transactionMs }) =>
          kind !== 'walsender' && Math.max(queryMs ?? 0, transactionMs ?? 0) >= question.flags.longerThan,
      ),
  },
  {
    name: 'idle-in-transaction',
    summary: 'which sessions have begun a transaction and do nothing, and for how long',
    reads: ['pg_stat_activity'],
    needs: NEEDS,
    columns: [...SESSION, ...columns('stateMs', 'transactionMs', 'query'), ...MORE],
    ask: async question => {
      const answer = await asked(question, ({ state }) => state?.startsWith('idle in transaction') === true)
      return { ...answer, rows: answer.rows.toSorted((a, b) => (b.stateMs ?? 0) - (a.stateMs ?? 0)) }
    },
  },
  {
    name: 'connections',
    summary: 'how many connections are taken, by whom and for what',
    reads: ['pg_stat_activity', 'pg_stat_database', 'pg_stat_ssl'],
    needs: NEEDS,
    columns: [
      ...columns('database', 'user', 'application', 'state'),
      ...barred('sessions'),
      ...minor('address', 'tls'),
    ],
    ask: async ({ database, rights }) => {
      const { used, usable } = await connectionUse(database)
      const notes = [
        { message: `${used} of ${usable} connections that an ordinary role can have are taken.`, fix: null },
        ...hidden(rights.allStats, database, await hiddenSessions(database), 'session'),
      ]
      return { rows: await connectionGroups(database), facts: { used, usable }, notes }
    },
  },
]

async function asked(
  { database, rights, flags }: Question,
  wanted: (session: Backend) => boolean,
): Promise<{ rows: Backend[]; notes: Note[] }> {
  const all = await sessions(database)
  const unseen = all.filter(session => session.hidden).length
  const rows = all.filter(wanted).map(session => (flags.query ? session : { ...session, query: null }))
  return { rows, notes: hidden(rights.allStats, database, unseen, 'session') }
}
