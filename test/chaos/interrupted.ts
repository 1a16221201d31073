import { setTimeout as sleep } from 'node:timers/promises'
import { atRest, untilDone } from './aftermath.ts'
import { sessionOf } from './arena.ts'
import type { Migration } from './migrations.ts'
import { type Cut, startProxy } from './proxy.ts'
import type { Random } from './random.ts'
import type { Play, Round } from './round.ts'
import type { Ending, Running } from './tools.ts'

/** About as long as an undisturbed run keeps its session. */
const SPAN = { quick: 450, slow: 1000 }
/** About as many packets as an undisturbed run sends; drizzle-ops notes each statement outside a transaction. */
const PACKETS = { few: 40, many: 115 }

interface Strike {
  readonly ending: Ending
  hit(running: Running, pid: number, round: Round): unknown
}

const strikes = {
  SIGKILL: { ending: 'killed', hit: running => running.signal('SIGKILL') },
  SIGTERM: { ending: 'stopped', hit: running => running.signal('SIGTERM') },
  terminate: {
    ending: 'lost',
    hit: (_, pid, { server: { admin } }) => admin`SELECT pg_terminate_backend(${pid})`,
  },
  restart: { ending: 'lost', hit: (_running, _pid, { server }) => server.restart('immediate') },
} satisfies Record<string, Strike>

/** A run that is struck at some moment of its session. `port` is that of a pooler. */
export function interrupted(by: keyof typeof strikes, migrations: readonly Migration[], port?: number): Play {
  return struck(strikes[by], migrations, port)
}

/** A run whose connection is cut at some moment, or at some packet, which may or may not arrive. */
export function cutOff(migrations: readonly Migration[]): Play {
  return async round => {
    const notes = round.tool.name === 'drizzle-ops' && isOnline(migrations)
    const planned = round.random.pick([undefined, plan(round.random, notes ? PACKETS.many : PACKETS.few)])
    const proxy = await startProxy(round.server.port, planned)
    const strike: Strike = { ending: 'lost', hit: () => planned ?? proxy.cut() }
    try {
      return await struck(strike, migrations, proxy.port)(round)
    } finally {
      proxy.close()
    }
  }
}

function struck({ ending, hit }: Strike, migrations: readonly Migration[], port?: number): Play {
  return async round => {
    const { arena, tool, random, project } = round
    const here = project(migrations)
    const running = tool.migrate(here, arena.url({ port }))
    const pid = await sessionOf(arena, running)
    await sleep(random.integer(0, isOnline(migrations) ? SPAN.slow : SPAN.quick))
    if (pid !== undefined) await hit(running, pid, round)
    const ended = await running.ended
    return [
      ...(await atRest(round, here, migrations, [ended], ending)),
      ...(await untilDone(round, here, migrations)),
    ]
  }
}

function plan(random: Random, packets: number): Cut {
  return {
    direction: random.pick(['question', 'answer']),
    nth: random.integer(1, packets),
    passOn: random.pick([true, false]),
  }
}

function isOnline(migrations: readonly Migration[]): boolean {
  return migrations.some(({ online }) => online)
}
