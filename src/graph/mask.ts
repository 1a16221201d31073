import type { TableColumnRow } from '../catalog/table-columns.ts'
import type { Mask } from '../config.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { suggestion } from '../suggestion.ts'
import { shortName, type Table } from './graph.ts'

type Name = Exclude<Mask, object>

const FIRST_NAMES =
  'Ada Alan Anna Ben Carla Chen Dana Elif Emil Fatima Finn Grace Hugo Ines Ivan Jana Jonas Kofi Lara Leo Lina Luca Maya Mei Milan Mina Noah Nora Omar Otto Pia Priya Ravi Rosa Sami Sara Tariq Tess Tom Uma Vera Victor Wanda Yara Yusuf Zoe'.split(
    ' ',
  )
const LAST_NAMES =
  'Adams Ahmed Bauer Berg Brown Castro Chen Costa Diaz Dubois Evans Fischer Garcia Haddad Hansen Ito Jansen Jones Kaya Khan Kim Kowalski Lee Lopez Martin Meyer Moreau Nakamura Novak Okafor Olsen Patel Perez Quinn Rossi Santos Schmidt Silva Singh Smith Tanaka Torres Vogel Walker Weber Wong Yilmaz Young'.split(
    ' ',
  )

/** How each mask is made of the digest of a value, its first digits `hex`, and of the value itself. */
const MASKS: Record<Name, (hex: string, value: string) => string> = {
  email: hex => `'user-' || left(${hex}, 16) || '@example.com'`,
  name: hex => `${pick(FIRST_NAMES, hex, 0)} || ' ' || ${pick(LAST_NAMES, hex, 1)}`,
  phone: hex => `'+1555' || lpad((('x' || left(${hex}, 6))::bit(24)::integer % 10000000)::text, 7, '0')`,
  text: (hex, value) => `left(repeat(${hex}, length(${value}::text) / 64 + 1), length(${value}::text))`,
  hash: hex => hex,
  uuid: hex => `left(${hex}, 32)`,
  ip: hex => `'10.' || ${byteOf(hex, 0)} || '.' || ${byteOf(hex, 1)} || '.' || ${byteOf(hex, 2)}`,
  null: () => 'NULL',
}

/**
 * SQL for what stands in a value's place: the same for the same value, in every table and every export. `key`
 * makes it another one for whoever does not know it, so that a guess cannot be tried out.
 * Throws OpsError `mask-invalid`, exit 2.
 */
export function maskedValue(
  table: Table,
  column: TableColumnRow,
  mask: Mask,
  row: string,
  key: string,
): string {
  const value = `${row}.${quoted(column.name)}`
  const expression = expressionOf(table, column, mask, value, key)
  const fitting = column.length === null ? expression : `left((${expression})::text, ${column.length})`
  return `CASE WHEN ${value} IS NOT NULL THEN (${fitting})::${column.cast} END`
}

function expressionOf(table: Table, column: TableColumnRow, mask: Mask, value: string, key: string): string {
  if (typeof mask === 'object') return `SELECT (${mask.sql}\n) FROM (SELECT ${value} AS value) AS masked`
  if (!Object.hasOwn(MASKS, mask)) throw unknown(table, column, mask)
  if (mask === 'null' && column.notNull) throw notNull(table, column)
  const hex = `encode(sha256(convert_to(${literal(key)} || ${value}::text, 'UTF8')), 'hex')`
  const made = MASKS[mask](hex, value)
  // names are few
  return mask === 'name' && column.unique ? `${made} || ' ' || left(${hex}, 8)` : made
}

function pick(words: readonly string[], hex: string, at: number): string {
  return `(ARRAY['${words.join("','")}'])[1 + ${byteOf(hex, at)} % ${words.length}]`
}

function byteOf(hex: string, at: number): string {
  return `get_byte(decode(left(${hex}, 8), 'hex'), ${at})`
}

function unknown(table: Table, { name }: TableColumnRow, mask: string): OpsError {
  const names = Object.keys(MASKS)
  return new OpsError({
    code: 'mask-invalid',
    message: `ops.mask gives ${shortName(table)}.${name} the mask ${mask}, and there is none of that name.`,
    hint: suggestion(mask, names, `There are ${names.join(', ')} and { sql: '…' }.`),
    exit: 2,
  })
}

function notNull(table: Table, { name }: TableColumnRow): OpsError {
  return new OpsError({
    code: 'mask-invalid',
    message: `ops.mask makes ${shortName(table)}.${name} NULL, which the column does not take.`,
    hint: 'Choose another mask, such as hash.',
    exit: 2,
  })
}
