import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureRuntime } from '../support/runtimes.ts'
import { type Server, startArenas, stopArenas } from './arena.ts'
import { type Fault, faults } from './faults.ts'
import type { Violation } from './judge.ts'
import { randomOf } from './random.ts'
import { type Outcome, report } from './report.ts'
import { playRound, type Studio } from './round.ts'
import { drizzleKit, drizzleOps, type Tool } from './tools.ts'

/** The second for a part of the rounds. */
const MAJORS = [18, 15] as const
const EVERY = 4
const LIMIT = 10 * 60_000
/** What a round takes at the most, short of one that hangs. */
const LONGEST_ROUND = 15_000

interface Turn {
  readonly fault: Fault
  readonly tool: Tool
  readonly number: number
}

/** Plays all faults. `--short` once each, `--only <id,…>`, `--seed <n>` again, `--against drizzle-kit` beside it. */
export async function chaos(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      only: { type: 'string' },
      against: { type: 'string' },
    },
  })
  const tools = values.against === 'drizzle-kit' ? [drizzleOps, drizzleKit] : [drizzleOps]
  const ids = values.only?.split(',')
  const chosen = faults.filter(({ id }) => !ids || ids.includes(id))
  const turns = inTurn(chosen, tools, values.short)
  process.stderr.write(`Seed ${values.seed} (--seed ${values.seed} repeats), ${turns.length} rounds\n`)
  const outcomes = await played(turns, values.seed)
  process.stdout.write(report(chosen, tools, outcomes, values.seed))
  const ours = outcomes.filter(({ tool }) => tool === 'drizzle-ops')
  if (ours.length === 0 || ours.some(({ violations }) => violations.length > 0)) process.exitCode = 1
}

/** All faults once, then again those with more rounds, so that a limit of time cuts all of them alike. */
function inTurn(chosen: readonly Fault[], tools: readonly Tool[], short: boolean): Turn[] {
  const most = Math.max(...chosen.map(({ rounds }) => rounds))
  return Array.from({ length: short ? 1 : most }, (_, number) => number).flatMap(number =>
    chosen
      .filter(fault => number < fault.rounds && !fault.unavailable?.())
      .flatMap(fault =>
        tools.filter(tool => !fault.oursAlone || tool === drizzleOps).map(tool => ({ fault, tool, number })),
      ),
  )
}

async function played(turns: readonly Turn[], seed: string): Promise<Outcome[]> {
  const until = performance.now() + LIMIT - LONGEST_ROUND
  const shared = turns.filter(({ fault }) => !fault.ownServer)
  const alone = turns.filter(({ fault }) => fault.ownServer)
  const studio: Studio = { folder: await mkdtemp(join(tmpdir(), 'chaos-')), pictures: new Map() }
  try {
    const all = await Promise.all([
      onServers(servers => inLanes(3, shared, until, turn => outcome(turn, seed, studio, servers))),
      onServers(servers => inLanes(1, alone, until, turn => outcome(turn, seed, studio, servers))),
    ])
    return all.flat()
  } finally {
    await rm(studio.folder, { recursive: true, force: true })
  }
}

async function onServers<T>(work: (servers: readonly Server[]) => Promise<T>): Promise<T> {
  for (const major of MAJORS) await ensureRuntime(`pg${major}`)
  const servers = await Promise.all(MAJORS.map(startArenas))
  try {
    return await work(servers)
  } finally {
    await Promise.all(servers.map(stopArenas))
  }
}

async function inLanes<T>(
  lanes: number,
  turns: readonly Turn[],
  until: number,
  play: (turn: Turn) => Promise<T>,
): Promise<T[]> {
  const left = turns[Symbol.iterator]()
  const done: T[] = []
  const lane = async () => {
    for (const turn of left) {
      if (performance.now() > until) return
      done.push(await play(turn))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return done
}

async function outcome(
  { fault, tool, number }: Turn,
  seed: string,
  studio: Studio,
  servers: readonly Server[],
): Promise<Outcome> {
  const server = (number % EVERY === EVERY - 1 ? servers[1] : servers[0]) as Server
  const random = randomOf(seed, fault.id, number)
  const violations = await playRound(studio, server, tool, random, fault.play).catch(broken)
  if (tool === drizzleOps) {
    const place = `${fault.id}, round ${number + 1}, PostgreSQL ${server.major}`
    for (const { kind, detail } of violations) process.stderr.write(`${place}: ${kind}: ${detail}\n`)
  }
  return { fault: fault.id, tool: tool.name, violations }
}

/** The suite itself failed: nothing is known of this round. */
function broken(error: unknown): Violation[] {
  return [{ kind: 'broken', detail: error instanceof Error ? String(error.stack) : String(error) }]
}
