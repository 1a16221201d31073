import { setTimeout as sleep } from 'node:timers/promises'
import { applied, atRest, untilDone } from './aftermath.ts'
import { sessionOf } from './arena.ts'
import type { Migration } from './migrations.ts'
import type { Play } from './round.ts'

interface AtOnce {
  readonly runners: number
  readonly migrations: readonly Migration[]
  /** How many of them have been applied before. */
  readonly before?: number
  /** Of a pooler that they go through. */
  readonly port?: number | undefined
}

/** Runners that start together: each must succeed. */
export function atOnce({ runners, migrations, before = 0, port }: AtOnce): Play {
  return async round => {
    const { arena, tool } = round
    const here = await applied(round, migrations.slice(0, before), migrations)
    const url = arena.url({ port })
    const ended = await Promise.all(Array.from({ length: runners }, () => tool.migrate(here, url).ended))
    return [
      ...(await atRest(round, here, migrations, ended, 'done')),
      ...(await untilDone(round, here, migrations)),
    ]
  }
}

/** Runners of which one is killed at some moment: each of the others must succeed. */
export function oneKilled({ runners, migrations }: AtOnce): Play {
  return async round => {
    const { arena, tool, random, project } = round
    const here = project(migrations)
    const [victim, ...others] = Array.from({ length: runners }, () => tool.migrate(here, arena.url()))
    if (!victim) return []
    await sessionOf(arena, victim)
    await sleep(random.integer(0, 500))
    victim.signal('SIGKILL')
    await victim.ended
    const ended = await Promise.all(others.map(other => other.ended))
    return [
      ...(await atRest(round, here, migrations, ended, 'done')),
      ...(await untilDone(round, here, migrations)),
    ]
  }
}
