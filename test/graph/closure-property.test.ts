import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { freshDatabase } from '../support/databases.ts'
import { closureOf } from './collecting.ts'
import { expectedClosure } from './oracle.ts'
import { randomSchema, sqlOf } from './random-schema.ts'

/** 300 take two minutes. */
const RUNS = Number(process.env.CLOSURE_RUNS ?? 40)

/**
 * The same cases in every run, so that CI says what a change has done; another seed looks for others. Known to fail:
 * -1570683802, two tables in a circle of optional cascades of which one must point to itself.
 */
const seed = Number(process.env.CLOSURE_SEED ?? 1)

it('collects what an independent recursive query finds, in random schemas', {
  timeout: 600_000,
}, async () => {
  const database = await freshDatabase()
  let crossed = 0
  await fc.assert(
    fc.asyncProperty(randomSchema, async schema => {
      await database.sql.unsafe(sqlOf(schema)).simple()
      const expected = await expectedClosure(database.sql, schema)
      const keys = schema.tables[0]?.composite
        ? schema.roots.map(id => `${id},${id % 2}`)
        : schema.roots.map(String)
      if (expected.crosses) crossed += 1
      for (const placeless of [false, true]) {
        const closure = (cross: 'error' | 'skip') =>
          closureOf(database, 'random.t0', { keys }, { cross, placeless })
        const { owned, required } = await closure('skip')
        expect({ owned, required }).toEqual({
          owned: expected.owned,
          required: expected.required,
        })
        const refused = await closure('error').then(() => false, isCrossing)
        expect(refused).toBe(expected.crosses)
      }
    }),
    {
      numRuns: RUNS,
      endOnFailure: process.env.CLOSURE_SHRINK === undefined,
      seed,
    },
  )
  // the property must have met both
  expect(crossed).toBeGreaterThan(0)
  expect(crossed).toBeLessThan(RUNS)
})

function isCrossing(error: unknown): boolean {
  if (error instanceof OpsError && error.code === 'crosses-roots') return true
  throw error
}
