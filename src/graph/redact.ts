import type { TableColumnRow } from '../catalog/table-columns.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { shortName, type Table } from './graph.ts'
import { orderOf } from './membership.ts'

/** What columns of secrets are called, in any spelling: `accessToken`, `API_KEY`, `deploy-key`. */
const SECRET =
  /(^|_)(passwords?|passwd|pwd|passphrase|secrets?|tokens?|api_?keys?|private_?keys?|deploy_?keys?|access_?keys?|secret_?keys?|signing_?keys?|encryption_?keys?|ssh_?keys?|credentials?|otp|totp|recovery_?codes?|backup_?codes?|salt)(_|$)/
/** What is said about a secret is none. */
const ABOUT = /_(at|on|type|kind|count|name|hint|url|expires|expiry|expires_in)$/
const CAMEL = /([a-z0-9])([A-Z])/g
const NOT_WORD = /[^a-z0-9]+/g

/** pg_type.typcategory: strings, bytea, json and uuid; a number or an instant is no secret. */
const MAY_BE_SECRET = ['S', 'U']

export function looksSecret({ name, category }: TableColumnRow): boolean {
  const words = name.replace(CAMEL, '$1_$2').toLowerCase().replace(NOT_WORD, '_')
  return MAY_BE_SECRET.includes(category) && SECRET.test(words) && !ABOUT.test(words)
}

/**
 * SQL for what stands in a secret's place: NULL where the column takes it, else a placeholder that no other row
 * has, made of the row's key and never of the secret.
 * Throws OpsError `redact-impossible`, exit 2, for a type that has no such value.
 */
export function placeholder(table: Table, column: TableColumnRow, row: string): string {
  if (!column.notNull) return 'NULL'
  const digits = `encode(sha256(convert_to(${keyText(table, column, row)} || ${literal(`:${column.name}`)}, 'UTF8')), 'hex')`
  const value = placeholderOf(column, digits)
  if (value !== undefined) return `(${value})::${column.cast}`
  throw new OpsError({
    code: 'redact-impossible',
    message: `${shortName(table)}.${column.name} is ${column.type} and NOT NULL: there is nothing to put in its place.`,
    hint: `Say what with ops.mask: { '${shortName(table)}.${column.name}': { sql: '…' } }, or keep the values with --with-secrets.`,
    exit: 2,
  })
}

function placeholderOf({ category, type, length }: TableColumnRow, digits: string): string | undefined {
  if (category === 'S') {
    // a short column has room for what tells rows apart only
    const text = length !== null && length < 24 ? digits : `'redacted-' || ${digits}`
    return length === null ? text : `left(${text}, ${length})`
  }
  if (type === 'uuid') return `left(${digits}, 32)`
  if (type === 'bytea') return `decode(${digits}, 'hex')`
  if (type === 'json' || type === 'jsonb') return `'{"redacted":true}'`
  if (category === 'A') return `'{}'`
  if (category === 'B') return 'false'
  return undefined
}

/** What tells rows apart; where the secret itself does, their number. */
function keyText(table: Table, { name }: TableColumnRow, row: string): string {
  const key = table.identity?.filter(column => column !== name) ?? []
  if (key.length === 0 || key.length < (table.identity?.length ?? 0))
    return `(row_number() OVER (ORDER BY ${orderOf(table, row)}))::text`
  return `concat_ws(',', ${key.map(column => `${row}.${quoted(column)}::text`).join(', ')})`
}
