import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ClientSession,
  cancelSession,
  clientSession,
  terminateSession,
} from '../catalog/client-session.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'

/** How long the session may take to stop. */
const PATIENCE = 5000
const LOOK = 50

/** The session of that process id, if it is a client's and has something to stop. Throws OpsError otherwise. */
export async function sessionToStop(
  database: Database,
  pid: number,
  terminate: boolean,
): Promise<ClientSession> {
  const session = await clientSession(database, pid)
  if (!session)
    throw refusal(
      'no-session',
      `There is no session ${pid} on this server.`,
      'See which there are: drizzle-ops stats activity.',
    )
  if (session.ours)
    throw refusal(
      'own-session',
      `${pid} is our own session.`,
      'Name another one: drizzle-ops stats activity.',
    )
  if (!isClient(session))
    throw refusal(
      'not-a-client',
      `${pid} is no client's session but ${session.kind ?? "one of the server's own processes"}.`,
      'Only what clients run can be cancelled: drizzle-ops stats activity.',
    )
  if (!terminate && session.state?.startsWith('idle'))
    throw refusal(
      'nothing-to-cancel',
      `Session ${pid} runs nothing that could be cancelled: it is ${session.state}.`,
      `End the session with its transaction: drizzle-ops cancel ${pid} --terminate.`,
    )
  return session
}

/** True once it has stopped. Without seeing what the session does, true is all that can be told. */
export async function stopSession(
  database: Database,
  session: ClientSession,
  terminate: boolean,
): Promise<boolean> {
  if (terminate) return terminateSession(database, session, PATIENCE)
  if (!(await cancelSession(database, session))) return false
  if (session.state === null) return true
  for (let waited = 0; waited < PATIENCE; waited += LOOK) {
    const now = await clientSession(database, session.pid)
    if (now?.state !== 'active' || now.query !== session.query || now.started !== session.started) return true
    await sleep(LOOK)
  }
  return false
}

/** The session for people: `4242 (app of alice, active since …)`. */
export function describe({ pid, user, application, state, since }: ClientSession): string {
  const who = [application, user && `of ${user}`].filter(Boolean).join(' ')
  const what = [who, state && `${state}${since ? ` since ${since}` : ''}`].filter(Boolean).join(', ')
  return what ? `${pid} (${what})` : String(pid)
}

/** Without pg_read_all_stats the kind of another role's session is hidden, but that it has a user is not. */
function isClient({ kind, hasUser }: ClientSession): boolean {
  return kind === null ? hasUser : kind === 'client backend'
}

function refusal(code: string, message: string, hint: string): OpsError {
  return new OpsError({ code, message, hint })
}
