import fc from 'fast-check'
import type { Cross } from '../../src/graph/fence.ts'

/** A reference between two tables of a random schema. */
export interface RandomReference {
  readonly from: number
  readonly to: number
  readonly required: boolean
  readonly cascades: boolean
  /** What `ops.graph.edges` says of it. */
  readonly own: boolean | undefined
  /** For each row of `from` the row of `to` that it points to, from 0; null for none. */
  readonly values: readonly (number | null)[]
}

export interface RandomSchema {
  /** Rows of each table; their ids are their numbers from 1. */
  readonly tables: readonly { readonly rows: number; readonly composite: boolean }[]
  readonly references: readonly RandomReference[]
  /** Rows of table 0. */
  readonly roots: readonly number[]
  readonly cross: Cross
  readonly depth: number | undefined
}

const ROWS = 5

/** Tables whose references go anywhere: to themselves, in circles, several between the same two. */
export const randomSchema: fc.Arbitrary<RandomSchema> = fc
  .array(fc.record({ rows: fc.integer({ min: 1, max: ROWS }), composite: fc.boolean() }), {
    minLength: 2,
    maxLength: 5,
  })
  .chain(tables => {
    const table = fc.nat({ max: tables.length - 1 })
    const reference = fc
      .record({
        from: table,
        to: table,
        required: fc.boolean(),
        cascades: fc.boolean(),
        own: fc.constantFrom(undefined, undefined, undefined, true, false),
        picks: fc.array(fc.option(fc.nat({ max: ROWS - 1 }), { freq: 3 }), {
          minLength: ROWS,
          maxLength: ROWS,
        }),
      })
      .map(({ picks, ...rest }): RandomReference => {
        const parents = tables[rest.to]?.rows ?? 1
        const values = picks
          .slice(0, tables[rest.from]?.rows)
          .map(pick => (pick === null && !rest.required ? null : (pick ?? 0) % parents))
        return { ...rest, values }
      })
    return fc.record({
      tables: fc.constant(tables),
      references: fc.array(reference, { minLength: 1, maxLength: 8 }),
      roots: fc
        .uniqueArray(fc.nat({ max: (tables[0]?.rows ?? 1) - 1 }), { minLength: 1, maxLength: 2 })
        .map(picked => picked.map(index => index + 1)),
      cross: fc.constantFrom<Cross>('error', 'skip', 'null', 'embed'),
      depth: fc.option(fc.nat({ max: 3 }), { freq: 2, nil: undefined }),
    })
  })

/** SQL that makes the tables `t0`, `t1`, … in the schema `random` and fills them. */
export function sqlOf({ tables, references }: RandomSchema): string {
  const columns = (table: number) =>
    references.flatMap(({ from, to, required }, index) => {
      if (from !== table) return []
      const nullable = required ? ' NOT NULL' : ''
      return tables[to]?.composite
        ? [`r${index} int${nullable}`, `k${index} int${nullable}`]
        : [`r${index} int${nullable}`]
    })
  const values = (table: number, row: number) =>
    references.flatMap(({ from, to, values: targets }) => {
      if (from !== table) return []
      const target = targets[row] ?? null
      const id = target === null ? 'NULL' : String(target + 1)
      return tables[to]?.composite ? [id, target === null ? 'NULL' : String((target + 1) % 2)] : [id]
    })
  return [
    'DROP SCHEMA IF EXISTS random CASCADE; CREATE SCHEMA random; SET LOCAL search_path = random',
    ...tables.map(({ composite }, table) => {
      const key = composite ? 'k int NOT NULL, PRIMARY KEY (id, k)' : 'PRIMARY KEY (id)'
      return `CREATE TABLE t${table} (${['id int NOT NULL UNIQUE', ...columns(table), key].join(', ')})`
    }),
    ...references.map(({ from, to, cascades }, index) => {
      const composite = tables[to]?.composite
      return `ALTER TABLE t${from} ADD CONSTRAINT ref${index} FOREIGN KEY (r${index}${composite ? `, k${index}` : ''}) REFERENCES t${to} (id${composite ? ', k' : ''}) ${cascades ? 'ON DELETE CASCADE' : ''} DEFERRABLE INITIALLY DEFERRED`
    }),
    ...tables.flatMap(({ rows, composite }, table) =>
      Array.from({ length: rows }, (_, row) => {
        const own = [String(row + 1), ...values(table, row), ...(composite ? [String((row + 1) % 2)] : [])]
        return `INSERT INTO t${table} VALUES (${own.join(', ')})`
      }),
    ),
  ].join(';\n')
}
