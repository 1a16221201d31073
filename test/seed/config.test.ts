import { expect, it } from 'vitest'
import { defineOps } from '../../src/config.ts'
import type * as schema from '../../src/platform/schema/index.ts'

it('knows the tables and columns of ops.seed by their types', () => {
  const ops = defineOps<typeof schema>({
    seed: { rows: { users: 2 }, columns: { 'users.name': row => `user ${row}` } },
  })
  expect(ops.seed?.rows).toEqual({ users: 2 })
  expect(defineOps({ seed: { rows: { anything: 2 } } }).seed).toEqual({ rows: { anything: 2 } })
  // @ts-expect-error a table that is not there
  defineOps<typeof schema>({ seed: { rows: { user: 2 } } })
  // @ts-expect-error a column that is not there
  defineOps<typeof schema>({ seed: { columns: { 'users.nome': 'x' } } })
})
