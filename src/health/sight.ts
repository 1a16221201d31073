import { sessions } from '../catalog/sessions.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { type Finding, finding, type Subject } from './check.ts'

/** What ends the blindness for other roles' sessions, standbys and statements. pg_monitor has it too. */
export function grantStats({ identity }: Database): string {
  return `GRANT pg_read_all_stats TO ${quoted(identity.user)};`
}

/** The sessions of this database but our own, asked for once. */
export async function sessionsHere(subject: Subject) {
  const all = await subject.once(sessions)
  return all.filter(({ database }) => database === subject.database.identity.name)
}

/** That sessions of other roles show nothing but that they are there; nothing where all can be seen. */
export async function hiddenSessions(subject: Subject, unseen: string): Promise<Finding[]> {
  const hidden = (await sessionsHere(subject)).filter(session => session.hidden && session.user !== null)
  if (hidden.length === 0) return []
  const sessionsAre =
    hidden.length === 1 ? '1 session of another role hides' : `${hidden.length} sessions of other roles hide`
  return [
    finding('unknown', `${sessionsAre} ${unseen} from ${subject.database.identity.user}.`, {
      value: hidden.length,
      unit: 'sessions',
      fix: grantStats(subject.database),
    }),
  ]
}
