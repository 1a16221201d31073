import { listDrawnSequences } from '../catalog/drawn-sequences.ts'
import { literal, quoted } from '../database/identifier.ts'
import { titleOf } from '../graph/graph.ts'
import { currentOf, type Loading } from './state.ts'

/** A sequence that was moved so that it gives no number that was brought in. */
export interface Moved {
  readonly sequence: string
  readonly last: string
}

/** Moves sequences on to the largest number that was brought in, and never back. No rollback undoes it. */
export async function advanceSequences(loading: Loading): Promise<Moved[]> {
  const { database, tables } = loading
  const placed = tables.filter(({ matched }) => !matched)
  const drawn = await listDrawnSequences(
    database,
    placed.map(({ table }) => table.oid),
  )
  const moved: Moved[] = []
  for (const { table, column, schema, sequence, maximum, descending } of drawn) {
    const load = placed.find(
      each => each.table.oid === table && each.columns.some(({ name }) => name === column),
    )
    if (!load) continue
    const name = quoted(schema, sequence)
    const [furthest, beyond] = descending ? ['min', '<'] : ['max', '>']
    const [row] = (await database.script(
      `SELECT setval(${literal(name)}::regclass, least(reached.number, ${maximum}))::text AS last
       FROM (SELECT ${furthest}(${quoted(column)})::bigint AS number FROM ${currentOf(loading, load)}) AS reached, ${name} AS current
       WHERE reached.number ${beyond} current.last_value OR (reached.number = current.last_value AND NOT current.is_called)`,
    )) as { last: string }[]
    if (row) moved.push({ sequence: titleOf({ schema, name: sequence }), last: row.last })
  }
  return moved
}
