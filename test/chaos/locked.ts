import { setTimeout as sleep } from 'node:timers/promises'
import { lockKey } from '../../src/database/lock.ts'
import { applied, atRest, refuses, untilDone } from './aftermath.ts'
import { type Arena, idleIn, sessions } from './arena.ts'
import type { Violation } from './judge.ts'
import { inTransactions, outsideTransactions } from './migrations.ts'
import type { Project } from './project.ts'
import type { Play, Round } from './round.ts'
import type { Running } from './tools.ts'

/** One run builds an index, which waits for a writer, and another run comes: neither may block the other for ever. */
export const waiterBesideIndex: Play = async round => {
  const { arena, tool, random } = round
  const here = await applied(round, outsideTransactions.slice(0, 1), outsideTransactions)
  const release = await idleIn(arena, `INSERT INTO posts VALUES (11, 'title')`)
  const holder = tool.migrate(here, arena.url())
  await untilSessions(arena, 2, holder)
  const waiter = tool.migrate(here, arena.url())
  await untilSessions(arena, 3, waiter)
  await sleep(random.integer(0, 1500))
  await release()
  const ended = await Promise.all([holder.ended, waiter.ended])
  return [
    ...(await atRest(round, here, outsideTransactions, ended, 'done')),
    ...(await untilDone(round, here, outsideTransactions)),
  ]
}

/** The runner's lock belongs to a session that does nothing: the run gives up in time, and works once it is gone. */
export const idleHolder: Play = async round => {
  const { classId, objectId } = lockKey('migrate', 'drizzle', '__drizzle_migrations')
  const here = round.project(inTransactions)
  const release = await idleIn(round.arena, `SELECT pg_advisory_lock(${classId}, ${objectId})`)
  const refused = await givesUp(round, here, 'lock-held').finally(release)
  return [...refused, ...(await untilDone(round, here, inTransactions))]
}

/** A reader of the table does not end its transaction, for longer than the run waits. */
export const lockedTable: Play = async round => {
  const here = await applied(round, inTransactions.slice(0, -1), inTransactions)
  const release = await idleIn(round.arena, 'SELECT FROM posts')
  const refused = await givesUp(round, here, 'lock-timeout').finally(release)
  return [...refused, ...(await untilDone(round, here, inTransactions))]
}

/** The same for less long than the run waits. */
export const lockedForAWhile: Play = async round => {
  const { arena, tool, random } = round
  const here = await applied(round, inTransactions.slice(0, -1), inTransactions)
  const release = await idleIn(arena, 'SELECT FROM posts')
  const running = tool.migrate(here, arena.url())
  await sleep(random.integer(300, 2000))
  await release()
  return [
    ...(await atRest(round, here, inTransactions, [await running.ended], 'done')),
    ...(await untilDone(round, here, inTransactions)),
  ]
}

async function givesUp(round: Round, here: Project, code: string): Promise<Violation[]> {
  const wait = `${round.random.integer(0, 600)}ms`
  return refuses(round, here, { exit: 5, code, flags: ['--lock-wait', wait] })
}

async function untilSessions(arena: Arena, count: number, running: Running): Promise<void> {
  let ended = false
  void running.ended.then(() => (ended = true))
  while (!ended && (await sessions(arena)).length < count) await sleep(5)
}
