import type { ColumnKindRow } from '../catalog/column-kinds.ts'
import type { Database } from '../database/database.ts'
import { isJsonNull } from './codec.ts'
import type { Collection } from './collect.ts'
import { type CollectedTable, clearedValue, leadsInside, mayBeCleared, rowsOf } from './collected.ts'
import type { Graph, Reference } from './graph.ts'
import type { Replacement } from './replace.ts'

/** What a look at the rows tells before they are sent. */
export interface Look {
  readonly references: readonly (readonly [Reference, number])[]
  /** jsonb columns in which JSON's null stands somewhere. */
  readonly holdsJsonNull: readonly string[]
}

export interface LookOptions {
  readonly graph: Graph
  readonly collection: Collection
  readonly replaced: readonly Replacement[]
}

/** Looks once at the rows of a table that has columns of whose values something has to be known beforehand. */
export async function lookAt(
  database: Database,
  collected: CollectedTable,
  kinds: readonly ColumnKindRow[],
  { graph, collection, replaced }: LookOptions,
): Promise<Look> {
  const references = mayBeCleared(graph, collection, collected)
  const documents = kinds.filter(
    ({ name, kind }) =>
      kind === 'jsonb' && !replaced.some(({ table, column }) => table === collected.table && column === name),
  )
  if (references.length === 0 && documents.length === 0) return { references: [], holdsJsonNull: [] }
  const { from, where } = rowsOf(collection, collected, 'kept')
  const questions = [
    ...references.map(
      (reference, index) =>
        `count(*) FILTER (WHERE ${reference.points('kept')} AND NOT ${leadsInside(collection, reference, 'kept')})::float8 AS r${index}`,
    ),
    ...documents.map(
      ({ name }, index) =>
        `coalesce(bool_or(${isJsonNull(clearedValue(collection, [], name, 'kept'))}), false) AS d${index}`,
    ),
  ]
  const [answer = {}] = (await database.script(
    `${collection.prelude}SELECT ${questions.join(', ')} FROM ${from} WHERE ${where}`,
  )) as Record<string, number | boolean>[]
  return {
    references: references.flatMap((reference, index): [Reference, number][] => {
      const rows = Number(answer[`r${index}`])
      return rows > 0 ? [[reference, rows]] : []
    }),
    holdsJsonNull: documents.flatMap(({ name }, index) => (answer[`d${index}`] === true ? [name] : [])),
  }
}
