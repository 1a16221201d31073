import { quoted } from '../database/identifier.ts'
import type { Reference } from '../graph/graph.ts'
import { followedInside, type Inside, textKeys } from './inside.ts'
import { mapKey, newName } from './keys.ts'
import { stagedAs } from './partitions.ts'
import { type Loading, referencesOf } from './state.ts'
import { bare, changedOf, finalOf, LINE, type LoadColumn, type LoadTable, stageOf } from './tables.ts'

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
  const changed = load.columns.flatMap((column, index) => {
    const value = values[index] ?? ''
    return value === `staged.${quoted(column.name)}` ? [] : [{ column, value }]
  })
  rewritten.delete(load)
  if (changed.length === 0) return
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
  const typed = changed.map(({ column, value }) => `(${value})::${column.type} AS ${quoted(column.name)}`)
  const names = new Set(changed.map(({ column }) => column.name))
  await database.script(
    `DROP TABLE IF EXISTS ${changedOf(load)} CASCADE; CREATE TEMPORARY TABLE ${bare(changedOf(load))} ON COMMIT DROP AS SELECT staged.${LINE}, ${typed.join(', ')} FROM ${from}; ANALYZE ${changedOf(load)}; ${finalSql(load, names)}`,
  )
  rewritten.set(load, names)
}

/** What changes is kept apart from what stays, which may be long: a quarter of a million ids took 1.6 s with it and 0.6 s without. */
function finalSql(load: LoadTable, changed: ReadonlySet<string>): string {
  const columns = load.columns.map(
    ({ name }) => `${changed.has(name) ? 'changed' : 'staged'}.${quoted(name)}`,
  )
  return `CREATE TEMPORARY VIEW ${bare(finalOf(load))} AS SELECT ${[LINE, ...columns].join(', ')} FROM ${stageOf(load)} AS staged JOIN ${changedOf(load)} AS changed USING (${LINE})`
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
