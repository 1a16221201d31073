import { createHash } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { literal } from '../database/identifier.ts'
import { isNumber, type Ledger, offsetOf } from './offsets.ts'
import { type Loading, referencesOf } from './state.ts'
import type { LoadColumn, LoadTable } from './tables.ts'

/** How ids are made anew: SQL over the old one. */
export type FreshId = (value: string) => string

const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
/** Digits of the hash that follow an id that is no uuid. */
const SUFFIX = 12
/** The byte that says by its first two bits that RFC 9562 is followed. */
const VARIANT = 0xa0

/**
 * The columns of an entry that get fresh ids: of its primary key those that are not told by the row that they lead
 * to, and uuids that are unique by themselves. Where a primary key holds a reference, that tells copies apart, and
 * only uuids beside it are made anew.
 */
export function freshColumns(loading: Loading, load: LoadTable): LoadColumn[] {
  if (load.matched) return []
  const follow = referencesOf(loading, load).flatMap(({ columns }) => columns)
  const key = load.table.primaryKey ?? []
  const told = key.some(name => follow.includes(name))
  const alone = loading.keys.flatMap(({ table, columns }) =>
    table === load.table.oid && columns.length === 1 ? columns : [],
  )
  return load.columns.filter(({ name, type, category }) => {
    if (follow.includes(name)) return false
    if (type === 'uuid') return key.includes(name) || alone.includes(name)
    if (!key.includes(name) || told) return false
    return isNumber(type) || (category === 'S' && key.length === 1)
  })
}

/** The same new value for the same salt and old value, whatever the server: SHA-256, which FIPS allows. */
export async function freshId(
  database: Database,
  load: LoadTable,
  column: LoadColumn,
  salt: string,
  ledger: Ledger,
): Promise<FreshId> {
  if (column.type === 'uuid') return value => freshUuid(value, salt)
  if (isNumber(column.type)) {
    const offset = await offsetOf(database, load, column, ledger)
    return value => `${value} + (${offset})`
  }
  const { length } = column
  return value => {
    const text = `${value}::text`
    const room = length === null ? text : `left(${text}, ${Math.max(0, length - SUFFIX - 1)})`
    const marked = `${room} || '-' || left(${hashOf(text, salt)}, ${SUFFIX})`
    const other = length !== null && length < 2 * SUFFIX ? `left(${hashOf(text, salt)}, ${length})` : marked
    return `CASE WHEN ${text} ~ '${UUID}' THEN (${freshUuid(`${text}::uuid`, salt)})::text ELSE ${other} END`
  }
}

export function hashOf(text: string, salt: string): string {
  return `encode(sha256(convert_to(${literal(`${salt}:`)} || ${text}, 'UTF8')), 'hex')`
}

/**
 * Version 8 of RFC 9562, in the order of the old ids and side by side: at random places of an index 250,000 took half
 * as long again. What is version 7 keeps its time, and with it its place. One hash of bytes for each: by way of
 * hexadecimal digits that many took 0.75 s, and so 0.35 s.
 */
function freshUuid(uuid: string, salt: string): string {
  const old = `uuid_send(${uuid})`
  const salted = Buffer.from(`${salt}:`)
  const side = createHash('sha256').update(salted).digest().subarray(0, 3)
  const hash = `sha256(${bytes(salted)} || ${old})`
  const ended = (version: number) =>
    `set_byte(set_byte(substr(${hash}, 1, 10), 0, ${version}), 2, ${VARIANT})`
  const timed = `substr(${old}, 1, 6) || ${ended(0x70)}`
  const placed = `${bytes(side)} || substr(${old}, 1, 3) || ${ended(0x80)}`
  return `encode(CASE WHEN get_byte(${old}, 6) & ${0xf0} = ${0x70} THEN ${timed} ELSE ${placed} END, 'hex')::uuid`
}

function bytes(value: Buffer): string {
  return `decode('${value.toString('hex')}', 'hex')`
}
