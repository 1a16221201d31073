import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Collection } from './collect.ts'
import { keyTextOf, relationOf, shortName, type Table } from './graph.ts'
import type { Node } from './nodes.ts'

/** One row on the way from a collected row to the root. */
export interface Step {
  readonly table: string
  readonly key: string
  /** The reference that leads to the next row; null at the root. */
  readonly reference: string | null
}

interface Stop {
  readonly node: Node
  readonly key: string
  /** SQL that is true for the row alone. */
  readonly at: (row: string) => string
  readonly name: string
  /** The stop before, nearer to the row that was asked about, and the reference from there. */
  readonly before: Stop | undefined
  readonly by: string | null
}

/** Rows of one source that are looked at: of many that need the same parent any will do. */
const BREADTH = 5

/**
 * The way by which a row came into the export, from the row to one that was asked for.
 * Throws OpsError `row-not-collected`.
 */
export async function wayOf(
  database: Database,
  collection: Collection,
  table: Table,
  key: string,
  isRow: (row: string) => string,
): Promise<Step[]> {
  const queue: Stop[] = []
  for (const node of collection.nodes.filter(each => each.table === table)) {
    queue.push(...(await stops(database, collection, node, 'found', [isRow('found')], undefined, null)))
  }
  const seen = new Set<string>()
  for (const stop of queue) {
    if (seen.has(stop.name)) continue
    seen.add(stop.name)
    if (await isRootRow(database, collection, stop)) return stepsTo(stop)
    queue.push(...(await further(database, collection, stop)))
  }
  throw new OpsError({
    code: 'row-not-collected',
    message: `The row ${key} of ${shortName(table)} is not part of this export.`,
    hint: 'Leave --why out to see the tables and the references by which rows come.',
  })
}

async function further(database: Database, collection: Collection, stop: Stop): Promise<Stop[]> {
  const found: Stop[] = []
  for (const { reference, from, direction } of stop.node.sources) {
    const match = direction === 'down' ? reference.match('here', 'found') : reference.match('found', 'here')
    const here = `EXISTS (SELECT FROM ${relationOf(stop.node.table)} AS here WHERE ${stop.at('here')} AND ${match})`
    found.push(...(await stops(database, collection, from, 'found', [here], stop, reference.title)))
  }
  return found
}

/** The rows of a node that meet conditions. */
async function stops(
  database: Database,
  { membership, prelude }: Collection,
  node: Node,
  row: string,
  conditions: readonly string[],
  before: Stop | undefined,
  by: string | null,
): Promise<Stop[]> {
  const { from, where } = membership.rows(node, row)
  const rows = (await database.script(
    `${prelude}SELECT ${row}.tableoid::text AS oid, ${row}.ctid::text AS place, ${keyTextOf(node.table, row)} AS key FROM ${from} WHERE ${[where, ...conditions].join(' AND ')} LIMIT ${BREADTH}`,
  )) as { oid: string; place: string; key: string }[]
  return rows.map(({ oid, place, key }) => ({
    node,
    key,
    at: alias => `${alias}.tableoid = '${oid}'::oid AND ${alias}.ctid = '${place}'::tid`,
    name: `${node.number} ${oid} ${place}`,
    before,
    by,
  }))
}

async function isRootRow(
  database: Database,
  { membership }: Collection,
  { node, at }: Stop,
): Promise<boolean> {
  if (!node.isRoot) return false
  const rows = await database.script(
    `SELECT FROM ${relationOf(node.table)} AS root WHERE ${at('root')} AND ${membership.isRoot('root')}`,
  )
  return rows.length > 0
}

function stepsTo(last: Stop): Step[] {
  const steps: Step[] = []
  let reference: string | null = null
  for (let stop: Stop | undefined = last; stop; stop = stop.before) {
    steps.unshift({ table: stop.node.table.title, key: stop.key, reference })
    reference = stop.by
  }
  return steps
}
