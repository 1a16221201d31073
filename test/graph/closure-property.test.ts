import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { freshDatabase } from '../support/databases.ts'
import { type Closure, closureOf } from './collecting.ts'
import { expectedClosure } from './oracle.ts'
import { randomSchema, sqlOf } from './random-schema.ts'

/** 300 take 40 seconds on a quiet machine. */
const RUNS = Number(process.env.CLOSURE_RUNS ?? 50)

/** The same cases in every run, so that CI says what a change has done; another seed looks for others. */
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
      const { cross, depth } = schema
      const edges = Object.fromEntries(
        schema.references.flatMap(({ own }, index) => (own === undefined ? [] : [[`ref${index}`, { own }]])),
      )
      for (const placeless of [false, true]) {
        const asked = { cross, placeless, edges, ...(depth === undefined ? {} : { depth }) }
        const found = await closureOf(database, 'random.t0', { keys }, asked).then(rowsOf, refusal)
        expect(found).toEqual(expected.refused ? 'crosses-roots' : rowsOf(expected))
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

function rowsOf({ owned, required }: Pick<Closure, 'owned' | 'required'>): object {
  return { owned, required }
}

function refusal(error: unknown): string {
  if (error instanceof OpsError && error.code === 'crosses-roots') return error.code
  throw error
}
