import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { relationOf, shortName, type Table } from './graph.ts'
import { wanted } from './membership.ts'

/** Which rows of the root table are asked for: by their keys, by a condition, or all. */
export type Roots = { readonly keys: readonly string[] } | { readonly where: string } | 'all'

/** SQL that is true for the rows that are asked for, and false, never NULL, for others: it is negated, too. */
export type RootCondition = (row: string) => string

/** data_exception, syntax_error_or_access_rule_violation */
const UNREADABLE = /^(22|42)/

/** Throws OpsError, exit 2: `key-missing`, `key-invalid`, `where-invalid`; exit 1: `row-missing`. */
export async function rootCondition(database: Database, table: Table, roots: Roots): Promise<RootCondition> {
  if (roots === 'all') return () => 'TRUE'
  if ('where' in roots) {
    const condition: RootCondition = row => `(${wanted(roots.where, table, row).join('')} IS TRUE)`
    await checked(database, table, condition, roots)
    return condition
  }
  const conditions = keyConditions(table, roots.keys)
  const each = conditions.map(({ condition }) => condition)
  const all: RootCondition = row => `(${each.map(condition => condition(row)).join(' OR ')})`
  const found = await checked(database, table, all, roots)
  if (found < new Set(roots.keys).size) await refuseMissing(database, table, conditions)
  return all
}

interface KeyCondition {
  readonly key: string
  readonly condition: RootCondition
}

function keyConditions(table: Table, keys: readonly string[]): KeyCondition[] {
  const { identity, casts } = table
  if (identity === null) {
    throw new OpsError({
      code: 'key-missing',
      message: `${shortName(table)} has no primary key to find rows by.`,
      hint: `Choose them with a condition: drizzle-ops export ${shortName(table)} --where "<condition>".`,
      exit: 2,
    })
  }
  return keys.map(key => {
    const parts = identity.length === 1 ? [key] : key.split(',')
    if (parts.length !== identity.length) throw wrongKey(table, identity, key)
    const condition: RootCondition = row =>
      identity
        .map((name, index) => `${row}.${quoted(name)} = ${literal(parts[index] ?? '')}::${casts[index]}`)
        .join(' AND ')
    return { key, condition: row => `(${condition(row)})` }
  })
}

function wrongKey(table: Table, identity: readonly string[], key: string): OpsError {
  return new OpsError({
    code: 'key-invalid',
    message: `${key} does not fit the key of ${shortName(table)}, which is ${identity.join(',')}.`,
    hint: `Write ${identity.map(name => `<${name}>`).join(',')}.`,
    exit: 2,
  })
}

/** How many rows there are, or why the server cannot read the condition. */
async function checked(
  database: Database,
  table: Table,
  condition: RootCondition,
  roots: Roots,
): Promise<number> {
  try {
    const limit = 'where' in (roots as object) ? 'LIMIT 1' : ''
    const [row] = (await database.script(
      `SELECT count(*)::float8 AS found FROM (SELECT FROM ${relationOf(table)} AS root WHERE ${condition('root')} ${limit}) AS roots`,
    )) as { found: number }[]
    return row?.found ?? 0
  } catch (error) {
    if (!(error instanceof OpsError) || !UNREADABLE.test(error.sqlstate ?? '') || error.sqlstate === '42501')
      throw error
    const where = 'where' in (roots as object)
    throw new OpsError({
      code: where ? 'where-invalid' : 'key-invalid',
      message: where
        ? `The server cannot read the condition: ${error.message}`
        : `The key does not fit ${shortName(table)}: ${error.message}`,
      hint: where
        ? `Write what could follow WHERE in SELECT … FROM ${shortName(table)}.`
        : 'Write keys as the database shows them; of several columns with commas between them.',
      exit: 2,
      sqlstate: error.sqlstate,
      cause: error,
    })
  }
}

async function refuseMissing(
  database: Database,
  table: Table,
  conditions: readonly KeyCondition[],
): Promise<void> {
  const tests = conditions.map(
    ({ condition }, index) =>
      `SELECT ${index} AS key WHERE NOT EXISTS (SELECT FROM ${relationOf(table)} AS root WHERE ${condition('root')})`,
  )
  const missing = (await database.script(tests.join(' UNION ALL '))) as { key: number }[]
  if (missing.length === 0) return
  const names = missing.map(({ key }) => conditions[key]?.key)
  throw new OpsError({
    code: 'row-missing',
    message: `${shortName(table)} has no row ${names.join(' and no row ')}.`,
    hint: 'Look the key up; nothing was exported.',
  })
}
