import { quoted } from '../database/identifier.ts'
import { type Reference, relationOf, type Table } from '../graph/graph.ts'
import { type Loading, referencesOf } from './state.ts'
import {
  bare,
  changedOf,
  columnList,
  differ,
  LINE,
  type LoadColumn,
  type LoadTable,
  stageOf,
  survivorsOf,
} from './tables.ts'

/** The keys of a table by which other rows of the archive point to it. */
export function keysInUse(loading: Loading, table: Table): string[][] {
  const keys = loading.tables
    .flatMap(load => referencesOf(loading, load))
    .filter(({ to }) => to === table)
    .map(({ referenced }) => [...referenced])
  return [...new Map(keys.map(key => [key.join('\0'), key])).values()]
}

/** A row of the target that takes the place of others: of those whose key root rows hold. */
export interface Replacement {
  readonly reference: Reference
  /** SQL that is true of the one row. */
  readonly isOwner: (row: string) => string
  readonly root: LoadTable
}

/**
 * Notes what became of a table's keys. Returns a fingerprint of it, so that a cycle can be followed until nothing
 * changes any more.
 */
export async function remap(loading: Loading, table: Table, owner?: Replacement): Promise<string> {
  const prints: string[] = []
  for (const [position, key] of keysInUse(loading, table).entries())
    prints.push(await remapKey(loading, table, key, mapName(table, position), owner))
  return prints.join()
}

async function remapKey(
  loading: Loading,
  table: Table,
  key: readonly string[],
  name: string,
  owner: Replacement | undefined,
): Promise<string> {
  const { database, maps, tables } = loading
  const entries = tables.filter(
    load =>
      load.table === table &&
      (loading.rewritten.has(load) || loading.survived.has(load)) &&
      key.every(column => load.columns.some(each => each.name === column)),
  )
  const sources = entries.map(load => becameOf(loading, load, key))
  const direct =
    owner && owner.reference.to === table && owner.reference.referenced.join() === key.join()
      ? [replaced(owner)]
      : []
  const all = [...direct, ...sources]
  if (all.length === 0) return ''
  await database.script(
    `DROP TABLE IF EXISTS ${name}; CREATE TEMPORARY TABLE ${bare(name)} ON COMMIT DROP AS SELECT DISTINCT ON (${columnList(key)}) true AS hit, * FROM (${all.join(' UNION ALL ')}) AS became ORDER BY ${columnList(key)}, rank; ANALYZE ${name}`,
  )
  const print = await printOf(loading, name)
  if (print.startsWith('0:')) {
    await database.script(`DROP TABLE ${name}`)
    maps.delete(mapKey(table, key))
    return ''
  }
  maps.set(mapKey(table, key), name)
  return print
}

/**
 * Notes the keys that fresh ids will make before any row is rewritten, so that a row which points to its like is
 * written only once. Returns what `remap` will return if nothing else happens to them.
 */
export async function foretell(
  loading: Loading,
  load: LoadTable,
  fresh: ReadonlyMap<LoadColumn, (value: string) => string>,
): Promise<string> {
  const prints: string[] = []
  for (const [position, key] of keysInUse(loading, load.table).entries()) {
    const columns = key.map(name => load.columns.find(column => column.name === name))
    const news = columns.flatMap(column => {
      const make = column && fresh.get(column)
      return column && make
        ? [`(${make(`staged.${quoted(column.name)}`)})::${column.type} AS ${newName(column.name)}`]
        : []
    })
    if (news.length < key.length) return ''
    const name = mapName(load.table, position)
    await loading.database.script(
      `DROP TABLE IF EXISTS ${name}; CREATE TEMPORARY TABLE ${bare(name)} ON COMMIT DROP AS SELECT true AS hit, 1 AS rank, ${columnList(key, 'staged')}, ${news.join(', ')} FROM ${stageOf(load)} AS staged; ANALYZE ${name}`,
    )
    loading.maps.set(mapKey(load.table, key), name)
    prints.push(await printOf(loading, name))
  }
  return prints.join()
}

async function printOf({ database }: Loading, map: string): Promise<string> {
  const [row] = (await database.script(
    `SELECT count(*)::text || ':' || coalesce(sum(hashtextextended(map::text, 0)), 0) AS print FROM ${map} AS map`,
  )) as { print: string }[]
  return row?.print ?? ''
}

/** The keys of an entry's rows that have changed, or that stand for another row's. */
function becameOf({ rewritten }: Loading, load: LoadTable, key: readonly string[]): string {
  const changed = rewritten.get(load)
  const news = key.map(column => {
    const own = `${changed?.has(column) ? 'changed' : 'staged'}.${quoted(column)}`
    return `CASE WHEN known.line IS NOT NULL THEN existing.${quoted(column)} ELSE ${own} END`
  })
  const named = news.map((value, index) => `${value} AS ${newName(key[index] ?? '')}`)
  const join = changed ? ` JOIN ${changedOf(load)} AS changed USING (${LINE})` : ''
  return `SELECT 1 AS rank, ${columnList(key, 'staged')}, ${named.join(', ')} FROM ${stageOf(load)} AS staged${join} LEFT JOIN ${survivorsOf(load)} AS known ON known.line = staged.${LINE} LEFT JOIN ${relationOf(load.table)} AS existing ON existing.tableoid = known.r AND existing.ctid = known.c WHERE ${differ(columnList(key, 'staged'), news.join(', '))}`
}

function replaced({ reference, isOwner, root }: Replacement): string {
  const olds = reference.columns.map(
    (column, index) => `root.${quoted(column)} AS ${quoted(reference.referenced[index] ?? '')}`,
  )
  const news = reference.referenced.map(column => `owner.${quoted(column)} AS ${newName(column)}`)
  return `SELECT 0 AS rank, ${olds.join(', ')}, ${news.join(', ')} FROM ${stageOf(root)} AS root, ${relationOf(reference.to)} AS owner WHERE ${isOwner('owner')}`
}

/** Where it is kept what became of a key, by its place among those in use. */
function mapName({ oid }: Table, position: number): string {
  return `pg_temp.drizzle_ops_map_${oid}_${position}`
}

export function mapKey(table: Table, key: readonly string[]): string {
  return [table.oid, ...key].join('\0')
}

export function newName(column: string): string {
  return quoted(`new ${column}`)
}
