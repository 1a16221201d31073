import { applied, refuses, untilDone } from './aftermath.ts'
import { told, type Violation } from './judge.ts'
import { counting, type Migration } from './migrations.ts'
import type { Row } from './project.ts'
import type { Play, Round } from './round.ts'
import { ops } from './tools.ts'

const DAY = 86_400_000
const all = counting(4)
const newest = all.length - 1

/** One in the middle comes after its successors have been applied, as after a merge. */
export const late: Play = async round => {
  const [index, migration] = drawn(round, all, 1, newest - 1)
  const here = await applied(round, without(all, index), all)
  const rows = here.expectedRows()
  return orMended(await refuses(round, here, { exit: 1, code: 'history', naming: migration.name }), () =>
    untilDone(round, here, all, { flags: ['--allow', 'late'], rows: toTheEnd(rows, index) }),
  )
}

/** The file of an applied one is changed. */
export const edited: Play = async round => {
  const [index, migration] = drawn(round, all, 0, newest - 1)
  const here = await applied(round, all.slice(0, newest), all)
  const changed = { ...migration, statements: [...migration.statements, `INSERT INTO ran VALUES ('edited')`] }
  here.write(all.with(index, changed))
  return orMended(await refuses(round, here, { exit: 1, code: 'history', naming: migration.name }), () => {
    here.write(all)
    return untilDone(round, here, all)
  })
}

/** The file of an applied one in the middle is gone. */
export const missing: Play = async round => {
  const [index] = drawn(round, all, 1, newest - 1)
  const here = await applied(round, all.slice(0, newest), without(all, index))
  return orMended(
    await refuses(round, here, { exit: 1, code: 'history', naming: `row ${index + 1}` }),
    () => {
      here.write(all)
      return untilDone(round, here, all)
    },
  )
}

/** Two of the same moment on a fresh database: both run, in order. */
export const sameMoment: Play = async round => {
  const [, twins] = withTwins(round)
  return untilDone(round, round.project(twins), twins)
}

/** Two of the same moment, of which one has been applied. */
export const sameMomentLater: Play = async round => {
  const [index, twins] = withTwins(round)
  const here = await applied(round, twins.slice(0, index), twins)
  const naming = twins[index]?.name ?? ''
  return orMended(await refuses(round, here, { exit: 1, code: 'history', naming }), () =>
    untilDone(round, here, twins, { flags: ['--allow', 'late'] }),
  )
}

/** The newest is stamped ahead, and another one is made after it: both have to run, here by `repair --restamp`. */
export const future: Play = async round => {
  const { arena, tool, random } = round
  const [index, migration] = drawn(round, all, newest, newest)
  const ahead = all.with(index, { ...migration, when: Date.now() + random.integer(1, 300) * DAY })
  const here = await applied(round, all.slice(0, random.integer(1, newest)), ahead)
  const violations: Violation[] = []
  if (tool.name === 'drizzle-ops') {
    violations.push(...(await refuses(round, here, { exit: 1, code: 'history', naming: migration.name })))
    const repaired = await ops(here, 'repair', '--restamp', migration.name, '--yes', '--url', arena.url())
      .ended
    if (repaired.code !== 0) violations.push({ kind: 'failed', detail: told(repaired) })
  } else await tool.migrate(here, arena.url()).ended
  const more = counting(newest + 1)
  here.add({ ...(more.at(-1) as Migration), when: Date.now() })
  return [...violations, ...(await untilDone(round, here, more))]
}

/** A row without its moment, as some hand has left it. */
export const withoutMoment: Play = async round => {
  const { arena, tool, random } = round
  const here = await applied(round, all.slice(0, newest), all)
  const row = here.expectedRows()[random.integer(0, newest - 1)]
  const stamp = (when: string | null) =>
    arena.ask(
      sql =>
        sql`UPDATE drizzle.__drizzle_migrations SET created_at = ${when} WHERE hash = ${row?.hash ?? ''}`,
    )
  await stamp(null)
  const ended = await tool.migrate(here, arena.url()).ended
  await stamp(row?.created_at ?? null)
  if (ended.code !== 0) return [{ kind: 'failed', detail: told(ended) }]
  return untilDone(round, here, all)
}

function drawn({ random }: Round, from: readonly Migration[], first: number, last: number) {
  const index = random.integer(first, last)
  return [index, from[index] as Migration] as const
}

/** The second of the two, and all. */
function withTwins(round: Round): readonly [number, readonly Migration[]] {
  const [index, migration] = drawn(round, all, 1, newest)
  return [index, all.with(index, { ...migration, when: all[index - 1]?.when ?? 0 })]
}

function without<T>(items: readonly T[], index: number): T[] {
  return items.filter((_, at) => at !== index)
}

function toTheEnd(rows: readonly Row[], index: number): Row[] {
  return [...without(rows, index), ...rows.slice(index, index + 1)]
}

/** What was not refused need not be mended. */
async function orMended(refusal: Violation[], mend: () => Promise<Violation[]>): Promise<Violation[]> {
  return refusal.length > 0 ? refusal : mend()
}
