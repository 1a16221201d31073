import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { relationOf } from '../graph/graph.ts'
import { IDS_TABLE } from '../migrations/bookkeeping.ts'
import { type LoadColumn, type LoadTable, stageOf } from './tables.ts'

/** The types whose values get fresh ones by an offset, and the largest of each. */
const LARGEST: ReadonlyMap<string, bigint> = new Map([
  ['smallint', 2n ** 15n - 1n],
  ['integer', 2n ** 31n - 1n],
  ['bigint', 2n ** 63n - 1n],
])

export function isNumber(type: string): boolean {
  return LARGEST.has(type)
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

/** What to add to the numbers of a column. Throws OpsError, exit 1: `ids-outside`, `ids-spent`. */
export async function offsetOf(
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
  if (BigInt(range.high) + offset > (LARGEST.get(column.type) ?? 0n)) throw idsSpent(load, column)
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
