import { beforeAll, describe, expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import type { Question } from '../../src/kit/rename.ts'
import { HAZARDS } from '../../src/push/hazards.ts'
import { type Change, changes, refusedChanges } from '../migrate/schema-changes.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import type { Generation } from '../support/drizzle.ts'
import { type Pusher, type PushingOptions, startPusher } from '../support/pushing.ts'

/** The changes that rollback is tested with, on empty tables: 120 for each drizzle-kit. PUSH_ALL=1 takes all of them. */
const everything: Readonly<Record<string, Change>> = { ...changes, ...refusedChanges }
const STEP = process.env.PUSH_ALL ? 1 : 8

/** drizzle-kit 1.0 takes one for the other. */
const WITHOUT_STATEMENT = ['an integer that becomes serial']

describe.each(['0.x', '1.0'] as const)('push with drizzle-kit %s converges from', generation => {
  let pusher: Pusher
  beforeAll(async () => {
    pusher = await startPusher(generation)
  })

  const possible = Object.keys(everything).filter(name => isFor(generation, everything[name] as Change))
  it.each(possible.filter((_, index) => index % STEP === 0))('%s', async name => {
    const { before, after } = everything[name] as Change
    const database = await freshDatabase()
    const config = { schemaFilter: ['*'] }
    await pusher.make(database, before)
    expect(await pusher.push(database, before, { config, dryRun: true })).toMatchObject(CONVERGED)
    const pushed = await pushAll(pusher, database, after, { config, allow: HAZARDS })
    if (pushed instanceof OpsError) throw pushed
    const left = await pusher.push(database, after, { config, dryRun: true })
    if (WITHOUT_STATEMENT.includes(name) && generation === '1.0')
      expect(left).toMatchObject({ unresolved: ['column public.users.n'] })
    else expect(left).toMatchObject(CONVERGED)
  })
})

const CONVERGED = { status: 'no_changes', unresolved: [], notCompared: [] }

function isFor(generation: Generation, { only }: Change): boolean {
  return only === undefined || only === generation
}

/** Nothing is taken for a rename. */
async function pushAll(pusher: Pusher, database: TestDatabase, schema: string, options: PushingOptions) {
  const pushed = await pusher.push(database, schema, options)
  if (!(pushed instanceof OpsError) || pushed.code !== 'needs-decision') return pushed
  const { questions } = pushed.known as { questions: Question[] }
  const created = [...(options.created ?? []), ...questions.map(({ name }) => name)]
  return pushAll(pusher, database, schema, { ...options, created })
}
