import { quoted } from '../../database/identifier.ts'
import { HOLDS_NO_ROWS, type Kind, type Mend, type Thing, text } from '../thing.ts'
import { type Column, identityOf } from './column.ts'

/** What PostgreSQL does not carry over to another type by itself, as it does indexes and constraints. */
const KEEPS_TYPE: readonly Kind[] = ['view', 'materialized view', 'policy', 'trigger', 'rule', 'function']

/** The SQL that gives a column that was found a property of the one that is expected. */
export function alterColumn(column: Column, property: string, found: Thing, spec: string): Mend | null {
  const name = quoted(column.name)
  const alter = (...actions: string[]) => [
    `ALTER TABLE ${quoted(column.schema, column.tableName)} ${actions.join(', ')}`,
  ]
  const anew: Mend = {
    lifts: HOLDS_NO_ROWS,
    statements: [...alter(`DROP COLUMN ${name}`), ...alter(`ADD COLUMN ${spec}`)],
  }
  switch (property) {
    case 'type':
    case 'collation':
      return { lifts: KEEPS_TYPE, statements: alter(...typeActions(column, found)) }
    case 'default':
      return {
        statements: alter(
          `ALTER COLUMN ${name} ${column.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${column.default}`}`,
        ),
      }
    case 'nullable':
      return { statements: nullableActions(column, found).flatMap(action => alter(action)) }
    case 'identity':
      return { statements: identityStatements(column, found, alter) }
    default:
      if (column.generated === null)
        return String(found.properties.generated).endsWith('STORED')
          ? { statements: alter(`ALTER COLUMN ${name} DROP EXPRESSION`) }
          : anew
      return anew
  }
}

/** A default keeps an expression of the old type, which may have no way to the new one. */
function typeActions(column: Column, found: Thing): string[] {
  const name = quoted(column.name)
  const collation = column.collation === null ? '' : ` COLLATE ${column.collation}`
  // what people made has casts by way of text only
  const ownTypes = column.type.includes('.') || String(found.properties.type).includes('.')
  const array = column.type.endsWith('[]') ? '[]' : ''
  const cast = ownTypes ? `${name}::text${array}::${column.type}` : `${name}::${column.type}`
  const using = column.generated === null ? ` USING ${cast}` : ''
  return [
    ...(found.properties.default === null ? [] : [`ALTER COLUMN ${name} DROP DEFAULT`]),
    `ALTER COLUMN ${name} TYPE ${column.type}${collation}${using}`,
    ...(column.default === null ? [] : [`ALTER COLUMN ${name} SET DEFAULT ${column.default}`]),
  ]
}

function nullableActions({ name, notNull, notNullValidated }: Column, found: Thing): string[] {
  const column = quoted(name)
  const drop = `ALTER COLUMN ${column} DROP NOT NULL`
  if (!notNull) return [drop]
  const set = notNullValidated ? `ALTER COLUMN ${column} SET NOT NULL` : `ADD NOT NULL ${column} NOT VALID`
  return found.properties.nullable === 'NULL' ? [set] : [drop, set]
}

function identityStatements(
  column: Column,
  found: Thing,
  alter: (...actions: string[]) => string[],
): string[] {
  const { schema, tableName, sequence, identity } = column
  const name = quoted(column.name)
  if (identity === null || !sequence) return alter(`ALTER COLUMN ${name} DROP IDENTITY`)
  if (found.properties.identity === null) {
    const holder = `pg_get_serial_sequence(${text(quoted(schema, tableName))}, ${text(column.name)})`
    return [
      ...alter(`ALTER COLUMN ${name} ADD GENERATED ${identityOf(column)}`),
      `SELECT setval(${holder}, coalesce(max(${name}) + 1, ${sequence.start}), false) FROM ${quoted(schema, tableName)}`,
    ]
  }
  const { start, increment, minimum, maximum, cache, cycles } = sequence
  const options = [
    `GENERATED ${identity}`,
    `START WITH ${start}`,
    `INCREMENT BY ${increment}`,
    `MINVALUE ${minimum}`,
    `MAXVALUE ${maximum}`,
    `CACHE ${cache}`,
    cycles ? 'CYCLE' : 'NO CYCLE',
  ]
  return alter(`ALTER COLUMN ${name} ${options.map(option => `SET ${option}`).join(' ')}`)
}
