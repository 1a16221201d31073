import { beforeAll, describe, expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { inOrder, ungranted } from '../../src/push/hazards.ts'
import type { PushOutcome } from '../../src/push/push.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import type { Generation } from '../support/drizzle.ts'
import { type Pusher, rowsOf, startPusher } from '../support/pushing.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'
import { cases, type PushCase } from './changes.ts'

const everywhere = majors().map(major => ({
  generation: '0.x' as Generation,
  major,
  names: Object.keys(cases),
}))
/** 1.0 answers as 0.31 does in most: a third of the changes tell where it does not. */
const withNext = Object.keys(cases).filter((name, index) => index % 3 === 0 || name.includes('renamed'))

describe.each([...everywhere, { generation: '1.0' as Generation, major: newestMajor(), names: withNext }])(
  'push with drizzle-kit $generation on PostgreSQL $major',
  ({ generation, major, names }) => {
    let pusher: Pusher
    beforeAll(async () => {
      pusher = await startPusher(generation)
    })

    it.each(names)('%s', async name => {
      const {
        before,
        after,
        rows = '',
        hazards,
        outcome = 'ok',
        told,
        leftAlone,
        ...change
      } = cases[name] as PushCase
      const database = await freshDatabase(major)
      if (before !== '') await pusher.make(database, before)
      if (rows !== '') await database.sql.unsafe(rows).simple()
      const state = await stateOf(database, change, before)

      const asked = await pusher.push(database, after, { ...change, dryRun: true })
      expect(hazardsIn(asked)).toEqual(inOrder(hazards))
      if (leftAlone) expect(asked).toMatchObject({ leftAlone })
      expect(await stateOf(database, change, before)).toEqual(state)

      const needed = ungranted(hazards, [])
      const [missing, ...allow] = needed
      if (missing) {
        const refused = await pusher.push(database, after, { ...change, allow })
        expect(refused).toMatchObject(
          outcome === 'push-blocked'
            ? { code: outcome, exit: 1 }
            : {
                code: 'hazards',
                exit: 1,
                hint: `If that is meant, add --allow ${[...allow, missing].join(',')}`,
              },
        )
      }
      expect(await stateOf(database, change, before)).toEqual(state)

      const pushed = await pusher.push(database, after, { ...change, allow: needed })
      if (typeof outcome === 'object')
        expect(pushed).toMatchObject({ ...outcome, exit: 1, known: { applied: 0 } })
      else if (outcome === 'ok' || outcome === 'no_changes') expect(pushed).toMatchObject({ status: outcome })
      else
        expect(pushed).toMatchObject({ code: outcome, exit: 1, message: expect.stringContaining(told ?? '') })

      if (pushed instanceof OpsError) expect(await stateOf(database, change, before)).toEqual(state)
      else
        expect(await pusher.push(database, after, { ...change, renames: [] })).toMatchObject({
          status: 'no_changes',
        })
      expect(await counts(database, Object.keys(change.holds))).toEqual(change.holds)
    })
  },
)

function hazardsIn(outcome: PushOutcome | OpsError) {
  if (outcome instanceof OpsError) return []
  return inOrder(outcome.statements.flatMap(statement => statement.hazards))
}

/** Objects and rows. */
async function stateOf(database: TestDatabase, { holds }: Pick<PushCase, 'holds'>, before: string) {
  const renamed = before.includes(`'users'`) && 'people' in holds
  const tables = renamed ? ['users'] : Object.keys(holds).filter(table => table !== 'v')
  return { dump: await database.dump(), rows: await rowsOf(database.sql, tables) }
}

async function counts({ sql }: TestDatabase, tables: readonly string[]) {
  const found: Record<string, number> = {}
  for (const table of tables) found[table] = (await sql.unsafe(`SELECT FROM ${table}`)).length
  return found
}
