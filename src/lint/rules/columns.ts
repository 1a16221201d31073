import { quoted } from '../../database/identifier.ts'
import { all, typeName } from '../../sql/tree.ts'
import { WARNING_ROWS } from '../levels.ts'
import { onCommand, type Rules } from '../rule.ts'
import { rowsOf } from '../scene.ts'
import { allowed, apart, columnList, nameFor, relationSql, together } from '../sql.ts'
import { having, isNumbered, isRequired, onAdded, onRewriting, others } from './added-column.ts'

/** A value that says nothing, for the rows that are there already. */
const EMPTY: Readonly<Record<string, string>> = {
  text: "''",
  varchar: "''",
  int2: '0',
  int4: '0',
  int8: '0',
  float4: '0',
  float8: '0',
  numeric: '0',
  bool: 'false',
  json: "'{}'",
  jsonb: "'{}'",
  uuid: "'00000000-0000-0000-0000-000000000000'",
  date: 'CURRENT_DATE',
  timestamp: 'now()',
  timestamptz: 'now()',
  bytea: "''",
}

const STORED = /\bSTORED\b(?=[^()]*$)/i

export const columnRules: Rules = {
  'required-column': onAdded(isRequired, added => {
    const { table, add, type, rest, column, columnName } = added
    const rows = rowsOf(table)
    const isPlain = (column.typeName?.arrayBounds?.length ?? 0) === 0
    const empty = isPlain ? EMPTY[typeName(column.typeName).name] : "'{}'"
    return [
      {
        table,
        level: rows === null || rows >= WARNING_ROWS ? 'error' : rows > 0 ? 'warning' : 'note',
        message: `${columnName} is NOT NULL and has no default, so adding it fails if ${table.name} holds a single row. drizzle-kit push --force empties the table to make it pass.`,
        fix: together(
          ...rest,
          empty === undefined
            ? `${add} ${type}${others(added, ['CONSTR_NOTNULL'])}`
            : `${add} ${type} DEFAULT ${empty}${others(added, [])}`,
        ),
      },
    ]
  }),

  'serial-column': onAdded(isNumbered, added => {
    const { table, add, head, rest, columnName } = added
    const sequence = relationSql({ schema: table.schema, name: nameFor(table.name, columnName, 'seq') })
    return [
      {
        table,
        message: `${columnName} numbers every row, so all of ${table.name} is written anew while nobody else can read or write it. A sequence of its own numbers the new rows; then number the old ones in batches.`,
        fix: together(
          ...rest,
          `${add} bigint`,
          `CREATE SEQUENCE ${sequence} OWNED BY ${added.name}.${quoted(columnName)}`,
          `${head} ALTER COLUMN ${quoted(columnName)} SET DEFAULT nextval('${sequence.replaceAll("'", "''")}')`,
        ),
      },
    ]
  }),

  'unique-column-builds-index': onAdded(having('CONSTR_UNIQUE'), added => {
    if (added.table.kind === 'partitioned table') return []
    const { table, head, add, type, rest, columnName } = added
    const key = all('Constraint', added.column.constraints).find(({ contype }) => contype === 'CONSTR_UNIQUE')
    const index = quoted(key?.conname || nameFor(table.name, columnName, 'key'))
    return [
      {
        table,
        message: `The UNIQUE of ${columnName} builds an index while nobody else can read or write ${table.name}.`,
        fix: apart(
          ...rest,
          `${add} ${type}${others(added, ['CONSTR_UNIQUE'])}`,
          `CREATE UNIQUE INDEX CONCURRENTLY ${index} ON ${added.name} ${columnList([columnName])}`,
          `${head} ADD CONSTRAINT ${index} UNIQUE USING INDEX ${index}`,
        ),
      },
    ]
  }),

  'drop-column': onCommand('AT_DropColumn', ({ table, command }, scene) => {
    return [
      {
        table,
        message: `Programs that still run use the column ${command.name} of ${table.name} (drizzle names every column in each SELECT and INSERT) and fail once it is gone; its values are gone for ever. Drop it a release after the schema has stopped naming it.`,
        fix: allowed('drop-column', scene.step.sql),
      },
    ]
  }),

  'drop-not-null': onCommand('AT_DropNotNull', ({ table, command }, scene) => {
    return [
      {
        table,
        message: `Programs that still run do not expect NULL in ${command.name} of ${table.name}.`,
        fix: allowed('drop-not-null', scene.step.sql),
      },
    ]
  }),

  'volatile-default': onRewriting(having('CONSTR_DEFAULT'), added => {
    const { table, add, type, rest, head, columnName, constraints } = added
    const preset = constraints.find(({ constraint }) => constraint.contype === 'CONSTR_DEFAULT')?.text
    return [
      {
        table,
        message: `The default of ${columnName} gives each row a value of its own, so all of ${table.name} is written anew while nobody else can read or write it. Without it the column comes at once; then fill the old rows in batches.`,
        fix: together(
          ...rest,
          `${add} ${type}${others(added, ['CONSTR_DEFAULT', 'CONSTR_NOTNULL'])}`,
          `${head} ALTER COLUMN ${quoted(columnName)} SET ${preset}`,
        ),
      },
    ]
  }),

  'generated-column': onRewriting(having('CONSTR_GENERATED'), (added, scene) => {
    const { table, add, type, rest, columnName } = added
    return [
      {
        table,
        message: `${columnName} is worked out for every row, so all of ${table.name} is written anew while nobody else can read or write it. ${
          scene.ground.server.major >= 18
            ? 'A virtual column is worked out when it is read.'
            : 'Let it be a plain column that the application or a trigger fills, or use an index on the expression.'
        }`,
        fix:
          scene.ground.server.major >= 18
            ? together(...rest, scene.step.sql.replace(STORED, 'VIRTUAL'))
            : together(...rest, `${add} ${type}`),
      },
    ]
  }),
}
