import { setTimeout as sleep } from 'node:timers/promises'
import { lockIsFree, sessions } from './arena.ts'
import { differences, documentOf, halves, lies, told, type Violation } from './judge.ts'
import type { Migration } from './migrations.ts'
import { pictureOf } from './picture.ts'
import type { Project, Row } from './project.ts'
import type { Round } from './round.ts'
import type { Ended, Ending } from './tools.ts'

/** For a session whose client is gone; the server looks twice a second, and this machine may be busy. */
const UNTIL_FREE = 5000
const TRIES = 3

/** A project of which a part has been applied before. */
export async function applied(
  { arena, tool, project }: Round,
  before: readonly Migration[],
  now: readonly Migration[],
): Promise<Project> {
  const here = project(before)
  if (before.length > 0) await tool.migrate(here, arena.url()).ended
  here.write(now)
  return here
}

interface Refusal {
  /** What drizzle-ops ends with, and calls it. Others have to fail. */
  readonly exit: number
  readonly code: string
  /** What its message has to name. */
  readonly naming?: string
  readonly flags?: readonly string[]
  readonly user?: string
  /** Of a pooler. */
  readonly port?: number
}

/** Runs the tool where it must not do anything. */
export async function refuses(
  { arena, tool }: Round,
  project: Project,
  { exit, code, naming = '', flags = [], ...way }: Refusal,
): Promise<Violation[]> {
  const before = await pictureOf(arena)
  const ended = await tool.migrate(project, arena.url(way), ...flags).ended
  const error = documentOf(ended)?.error
  const right =
    tool.name === 'drizzle-ops'
      ? ended.code === exit && error?.code === code && error.message.includes(naming)
      : ended.code !== 0
  const changed = JSON.stringify(await pictureOf(arena)) !== JSON.stringify(before)
  if (right) return changed ? [{ kind: 'changed something', detail: told(ended) }] : []
  const kind = ended.code !== 0 ? 'failed' : changed ? 'not refused' : 'skipped in silence'
  return [{ kind, detail: told(ended) }]
}

/** What a disturbed run left, once its session is gone. */
export async function atRest(
  { arena, tool }: Round,
  project: Project,
  migrations: readonly Migration[],
  ended: readonly Ended[],
  ending: Ending,
): Promise<Violation[]> {
  const free = await lockIsFree(arena, UNTIL_FREE)
  await untilAlone(arena)
  const found = await pictureOf(arena)
  const rows = project.expectedRows()
  return [
    ...(free ? [] : [{ kind: 'lock kept', detail: `still held after ${UNTIL_FREE} ms` } as const]),
    ...halves(found, migrations, rows),
    ...ended.flatMap(each => lies(tool, each, ending, found, migrations, rows)),
  ]
}

/** Runs the tool until it is done, and compares with an undisturbed run. */
export async function untilDone(
  { tool, arena, undisturbed }: Round,
  project: Project,
  migrations: readonly Migration[],
  { flags = [], rows = project.expectedRows() }: { flags?: readonly string[]; rows?: readonly Row[] } = {},
): Promise<Violation[]> {
  const failures: Violation[] = []
  for (let tries = 1; ; tries += 1) {
    const ended = await tool.migrate(project, arena.url(), ...flags).ended
    if (ended.code === 0) break
    failures.push({ kind: ended.hung ? 'hung' : 'failed', detail: `after the fault: ${told(ended)}` })
    if (tries === TRIES) return [...failures, { kind: 'never done', detail: told(ended) }]
  }
  const free = await lockIsFree(arena, UNTIL_FREE)
  const found = await pictureOf(arena)
  return [
    ...failures,
    ...(free ? [] : [{ kind: 'lock kept', detail: 'after the last run' } as const]),
    ...differences(found, await undisturbed(migrations), rows),
  ]
}

/** A backend whose client was killed goes on for a while. */
async function untilAlone(arena: Round['arena']): Promise<void> {
  const deadline = performance.now() + UNTIL_FREE
  while ((await sessions(arena)).length > 0 && performance.now() < deadline) await sleep(20)
}
