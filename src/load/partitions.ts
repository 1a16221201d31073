import { literal } from '../database/identifier.ts'
import type { Loading } from './state.ts'
import type { LoadTable } from './tables.ts'

/**
 * Rows of a stage as a FROM takes them, for references that ask in which partition a row is: as `tableoid` they have
 * the partition that they will go to, where that has foreign keys of its own.
 */
export function stagedAs(
  { partitions }: Pick<Loading, 'partitions'>,
  load: LoadTable,
  place: string,
  alias: string,
): string {
  const own = partitions.filter(({ table }) => table === load.table.oid)
  if (own.length === 0) return `${place} AS ${alias}`
  const cases = own.map(({ partition, condition }) => `WHEN ${condition} THEN ${literal(partition)}`)
  return `(SELECT stage.*, (CASE ${cases.join(' ')} END)::pg_catalog.oid AS tableoid FROM ${place} AS stage) AS ${alias}`
}
