import { quoted } from '../database/identifier.ts'
import { type Reference, relationOf, type Table } from '../graph/graph.ts'
import { followedInside, type Inside, textKeys } from './inside.ts'
import { stagedAs } from './partitions.ts'
import { currentOf, type Loading, referencesOf } from './state.ts'
import {
  bare,
  columnList,
  differ,
  finalOf,
  LINE,
  type LoadColumn,
  type LoadTable,
  stageOf,
  survivorsOf,
} from './tables.ts'

/** What the columns of an entry become, beside what follows from references: SQL over the value that was. */
export type Changes = (load: LoadTable, column: LoadColumn) => ((value: string) => string) | undefined

/**
 * Writes the rows of an entry anew where anything in them changes: references follow what became of the rows that
 * they lead to, always from the archive's own values, so that no key is taken for another.
 */
export async function rewrite(loading: Loading, load: LoadTable, changes: Changes): Promise<void> {
  const { database, maps, rewritten } = loading
  const references = referencesOf(loading, load).flatMap((reference, index) => {
    const map = maps.get(mapKey(reference.to, reference.referenced))
    return map ? [{ reference, map, alias: `map${index}` }] : []
  })
  const followed = references.filter(({ reference }) => reference.path === undefined)
  const documents = await documentsOf(loading, load, references)
  const values = load.columns.map(column => {
    const value = `staged.${quoted(column.name)}`
    const change = changes(load, column)
    const own = change ? change(value) : value
    const document = documents.find(each => each.column === column)
    if (document) return `coalesce(${document.alias}.value::${column.type}, ${own})`
    return followed
      .filter(({ reference }) => identifying(reference).includes(column.name))
      .reduceRight((otherwise, { reference, alias }) => {
        const key = reference.referenced[reference.columns.indexOf(column.name)] ?? ''
        return `CASE WHEN ${alias}.hit THEN ${alias}.${newName(key)} ELSE ${otherwise} END`
      }, own)
  })
  const changed = load.columns.some((column, index) => values[index] !== `staged.${quoted(column.name)}`)
  if (!changed) return
  const joins = followed.map(({ reference, map, alias }) => {
    const match = reference.match('staged', alias)
    // of the rows that cover a period any one will do: they differ by their periods only
    return reference.period
      ? `LEFT JOIN LATERAL (SELECT * FROM ${map} AS ${alias} WHERE ${match} LIMIT 1) AS ${alias} ON true`
      : `LEFT JOIN ${map} AS ${alias} ON ${match}`
  })
  const lookups = documents.map(
    ({ alias, column, inside }) =>
      `LEFT JOIN LATERAL (${followedInside(column, inside)}) AS ${alias} ON true`,
  )
  const from = [stagedAs(loading, load, stageOf(load), 'staged'), ...joins, ...lookups].join(' ')
  const typed = values.map((value, index) => `(${value})::${load.columns[index]?.type}`)
  await database.script(
    `DROP TABLE IF EXISTS ${finalOf(load)}; CREATE TEMPORARY TABLE ${bare(finalOf(load))} (LIKE ${stageOf(load)}) ON COMMIT DROP; INSERT INTO ${finalOf(load)} SELECT staged.${LINE}, ${typed.join(', ')} FROM ${from}; ANALYZE ${finalOf(load)}`,
  )
  rewritten.add(load)
}

/** JSON columns that hold keys which have changed. */
async function documentsOf(
  { database }: Loading,
  { columns }: LoadTable,
  references: readonly { readonly reference: Reference; readonly map: string }[],
) {
  const inside: Inside[] = []
  for (const { reference, map } of references.filter(each => each.reference.path !== undefined)) {
    const [old = ''] = reference.referenced
    inside.push({ reference, keys: await textKeys(database, map, [old, newName(old)]) })
  }
  return columns.flatMap((column, index) => {
    const own = inside.filter(({ reference }) => reference.columns.includes(column.name))
    return own.length > 0 ? [{ column, inside: own, alias: `document${index}` }] : []
  })
}

/** The columns that say which rows a reference leads to; a period says only which part of them. */
function identifying({ columns, period }: Reference): readonly string[] {
  return period ? columns.slice(0, -1) : columns
}

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
  for (const key of keysInUse(loading, table)) prints.push(await remapKey(loading, table, key, owner))
  return prints.join()
}

async function remapKey(
  loading: Loading,
  table: Table,
  key: readonly string[],
  owner: Replacement | undefined,
): Promise<string> {
  const { database, maps, tables } = loading
  const name = maps.get(mapKey(table, key)) ?? `pg_temp.drizzle_ops_map_${maps.size}_${table.oid}`
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
  for (const key of keysInUse(loading, load.table)) {
    const columns = key.map(name => load.columns.find(column => column.name === name))
    const news = columns.flatMap(column => {
      const make = column && fresh.get(column)
      return column && make
        ? [`(${make(`staged.${quoted(column.name)}`)})::${column.type} AS ${newName(column.name)}`]
        : []
    })
    if (news.length < key.length) return ''
    const name = `pg_temp.drizzle_ops_map_${loading.maps.size}_${load.table.oid}`
    await loading.database.script(
      `CREATE TEMPORARY TABLE ${bare(name)} ON COMMIT DROP AS SELECT true AS hit, 1 AS rank, ${columnList(key, 'staged')}, ${news.join(', ')} FROM ${stageOf(load)} AS staged; ANALYZE ${name}`,
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
function becameOf(loading: Loading, load: LoadTable, key: readonly string[]): string {
  const news = key.map(
    column =>
      `CASE WHEN known.line IS NOT NULL THEN existing.${quoted(column)} ELSE final.${quoted(column)} END AS ${newName(column)}`,
  )
  const changed = differ(
    columnList(key, 'staged'),
    key
      .map(
        column =>
          `CASE WHEN known.line IS NOT NULL THEN existing.${quoted(column)} ELSE final.${quoted(column)} END`,
      )
      .join(', '),
  )
  return `SELECT 1 AS rank, ${columnList(key, 'staged')}, ${news.join(', ')} FROM ${stageOf(load)} AS staged JOIN ${currentOf(loading, load)} AS final USING (${LINE}) LEFT JOIN ${survivorsOf(load)} AS known ON known.line = staged.${LINE} LEFT JOIN ${relationOf(load.table)} AS existing ON existing.tableoid = known.r AND existing.ctid = known.c WHERE ${changed}`
}

function replaced({ reference, isOwner, root }: Replacement): string {
  const olds = reference.columns.map(
    (column, index) => `root.${quoted(column)} AS ${quoted(reference.referenced[index] ?? '')}`,
  )
  const news = reference.referenced.map(column => `owner.${quoted(column)} AS ${newName(column)}`)
  return `SELECT 0 AS rank, ${olds.join(', ')}, ${news.join(', ')} FROM ${stageOf(root)} AS root, ${relationOf(reference.to)} AS owner WHERE ${isOwner('owner')}`
}

function mapKey(table: Table, key: readonly string[]): string {
  return [table.oid, ...key].join('\0')
}

function newName(column: string): string {
  return quoted(`new ${column}`)
}
