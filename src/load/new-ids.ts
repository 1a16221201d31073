import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { relationOf } from '../graph/graph.ts'
import { IDS_TABLE } from '../migrations/bookkeeping.ts'
import { type Loading, referencesOf } from './state.ts'
import { LINE, type LoadColumn, type LoadTable, stageOf } from './tables.ts'

/** How ids are made anew: SQL over the old one. */
export type FreshId = (value: string) => string

const NUMBERS = ['smallint', 'integer', 'bigint'] as const
const LARGEST: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n - 1n,
  integer: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
}
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
/** Digits of the hash that follow an id that is no uuid. */
const SUFFIX = 12

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
  if (column.type === 'uuid') return value => freshUuid(`${value}::text`, salt)
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
    return `CASE WHEN ${text} ~ '${UUID}' THEN ${freshUuid(text, salt)}::text ELSE ${other} END`
  }
}

function isNumber(type: string): boolean {
  return NUMBERS.some(each => each === type)
}

export function hashOf(text: string, salt: string): string {
  return `encode(sha256(convert_to(${literal(`${salt}:`)} || ${text}, 'UTF8')), 'hex')`
}

/** Version 8 of RFC 9562; what is version 7 keeps its time, and with it its place in an index. */
function freshUuid(text: string, salt: string): string {
  const hash = hashOf(`lower(${text})`, salt)
  const timed = `left(replace(${text}, '-', ''), 12) || '7' || substr(${hash}, 14, 3) || 'a' || substr(${hash}, 18, 15)`
  const random = `left(${hash}, 12) || '8' || substr(${hash}, 14, 3) || 'a' || substr(${hash}, 18, 15)`
  return `(CASE WHEN substr(${text}, 15, 1) = '7' THEN ${timed} ELSE ${random} END)::uuid`
}

/** Where the offsets of numbers are kept, so that the same salt gives the same ids again. */
export interface Ledger {
  /** A qualified name as SQL takes it. */
  readonly table: string
  readonly saltHash: string
}

interface Range {
  readonly low: string | null
  readonly high: string | null
  readonly taken: string | null
}

interface Kept {
  readonly offset: string
  readonly low: string
  readonly high: string
}

async function offsetOf(
  database: Database,
  load: LoadTable,
  column: LoadColumn,
  { table, saltHash }: Ledger,
): Promise<string> {
  const name = quoted(column.name)
  const [range] = (await database.script(
    `SELECT min(${name})::text AS low, max(${name})::text AS high, (SELECT max(${name})::text FROM ${relationOf(load.table)}) AS taken FROM ${stageOf(load)}`,
  )) as Range[]
  if (!range?.low || !range.high) return '0'
  const key = `salt = ${literal(saltHash)} AND relation = ${literal(load.table.title)} AND attribute = ${literal(column.name)}`
  const [kept] = (await database.script(
    `SELECT shift::text AS "offset", low::text AS low, high::text AS high FROM ${table} WHERE ${key}`,
  )) as unknown as Kept[]
  if (kept) {
    if (BigInt(range.low) >= BigInt(kept.low) && BigInt(range.high) <= BigInt(kept.high)) return kept.offset
    throw idsOutside(load, column)
  }
  const position = await positionOf(database, load, column)
  const taken = [BigInt(range.taken ?? 0), position].reduce((a, b) => (a > b ? a : b), 0n)
  const offset = taken + 1n - BigInt(range.low)
  if (BigInt(range.high) + offset > (LARGEST[column.type] ?? 0n)) throw idsSpent(load, column)
  await database.script(
    `INSERT INTO ${table} VALUES (${literal(saltHash)}, ${literal(load.table.title)}, ${literal(column.name)}, ${offset}, ${range.low}, ${range.high})`,
  )
  return String(offset)
}

async function positionOf(database: Database, load: LoadTable, column: LoadColumn): Promise<bigint> {
  const { schema, name } = load.table
  const [row] = (await database.script(
    `SELECT pg_get_serial_sequence(${literal(quoted(schema, name))}, ${literal(column.name)}) AS sequence`,
  )) as { sequence: string | null }[]
  if (!row?.sequence) return 0n
  const [at] = (await database.script(`SELECT last_value::text AS last FROM ${row.sequence}`)) as {
    last: string
  }[]
  return BigInt(at?.last ?? 0)
}

/** Makes the ledger at first need. */
export async function openLedger(database: Database, schema: string, salt: string): Promise<Ledger> {
  const table = quoted(schema, IDS_TABLE)
  const [seen] = await database.query<{ schema: boolean; table: boolean }>`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ${schema}) AS schema,
           EXISTS (SELECT FROM pg_catalog.pg_class AS relation
                   JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
                   WHERE nspname = ${schema} AND relname = ${IDS_TABLE}) AS "table"`
  if (!seen?.schema) await database.script(`CREATE SCHEMA ${quoted(schema)}`)
  if (!seen?.table)
    await database.script(
      `CREATE TABLE ${table} (salt text, relation text, attribute text, shift bigint NOT NULL, low bigint NOT NULL, high bigint NOT NULL, PRIMARY KEY (salt, relation, attribute))`,
    )
  const [row] = (await database.script(
    `SELECT encode(sha256(convert_to(${literal(salt)}, 'UTF8')), 'hex') AS hash`,
  )) as { hash: string }[]
  return { table, saltHash: row?.hash ?? '' }
}

function idsOutside({ table }: LoadTable, { name }: LoadColumn): OpsError {
  return new OpsError({
    code: 'ids-outside',
    message: `An earlier import with this salt gave ${table.title}.${name} a block of numbers, and the archive has some beyond it.`,
    hint: 'Import it as another copy, with another salt: --new-ids <salt>.',
  })
}

function idsSpent({ table }: LoadTable, { name, type }: LoadColumn): OpsError {
  return new OpsError({
    code: 'ids-spent',
    message: `${table.title}.${name} is ${type} and has not enough numbers left for the archive's rows.`,
    hint: 'Give the column a larger type first.',
  })
}

/** The ids that were made, old and new, for whoever asks. */
export async function listIds(
  loading: Loading,
  load: LoadTable,
  final: string,
): Promise<{ readonly table: string; readonly old: string; readonly new: string }[]> {
  const columns = load.table.primaryKey ?? []
  if (columns.length === 0 || final === stageOf(load)) return []
  const text = (alias: string) =>
    `concat_ws(',', ${columns.map(column => `${alias}.${quoted(column)}`).join(', ')})`
  const rows = (await loading.database.script(
    `SELECT ${text('staged')} AS old, ${text('final')} AS new FROM ${stageOf(load)} AS staged JOIN ${final} AS final USING (${LINE}) ORDER BY ${LINE}`,
  )) as { old: string; new: string }[]
  return rows.map(({ old, new: fresh }) => ({ table: load.archived.table, old, new: fresh }))
}
