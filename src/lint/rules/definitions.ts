import type { AlterTableStmt, ColumnDef, CreateStmt } from 'libpg-query'
import { columnsOf } from '../../sql/effects/create-table.ts'
import { all, as, rangeName, typeName } from '../../sql/tree.ts'
import type { Level, RuleName } from '../catalogue.ts'
import { replaceTypes, treeOf } from '../column-text.ts'
import type { Rule, Rules } from '../rule.ts'
import { existing, type Problem, type Scene } from '../scene.ts'
import { allowed, together } from '../sql.ts'

/** A type of new columns that people come to regret. */
interface Regret {
  readonly rule: RuleName
  wanted(column: ColumnDef, table: CreateStmt | undefined): boolean
  /** The type as it is written. */
  readonly pattern: RegExp
  better(type: string): string
  /** What else in the statement goes with the old type. */
  readonly relic?: RegExp
  /** On a table that stands there already. */
  readonly level: Level
  message(columns: string): string
}

const SERIAL = /serial/i

const REGRETS: readonly Regret[] = [
  {
    rule: 'small-key',
    wanted: isSmallKey,
    pattern: /^(?:(?:small)?serial|serial[24]|integer|int[24]?|smallint)\b/i,
    // drizzle-kit writes the end of the type into an identity's sequence
    relic: /\s+MAXVALUE\s+(?:2147483647|32767)\b/gi,
    better: type => (SERIAL.test(type) ? 'bigserial' : 'bigint'),
    level: 'note',
    message: columns =>
      `The key ${columns} ends at 2,147,483,647 or before: then every INSERT fails, and by then a type change rewrites a huge table.`,
  },
  {
    rule: 'json-column',
    wanted: ofType('json'),
    pattern: /^json\b/i,
    better: () => 'jsonb',
    level: 'warning',
    message: columns =>
      `json has no equality, so SELECT DISTINCT, GROUP BY and UNION over ${columns} fail; jsonb has, and can be indexed.`,
  },
  {
    rule: 'char-column',
    wanted: ofType('bpchar'),
    pattern: /^(?:character|char)\b/i,
    better: () => 'varchar',
    level: 'note',
    message: columns =>
      `char(n) pads ${columns} with blanks, which count in some comparisons and not in others.`,
  },
  {
    rule: 'timestamp-without-zone',
    wanted: ofType('timestamp'),
    pattern: /^timestamp(?:\s*\(\d+\))?(?:\s+without\s+time\s+zone)?/i,
    better: type => `${type.replace(WITHOUT, '')} with time zone`,
    level: 'note',
    message: columns =>
      `A timestamp is no instant: in ${columns} drizzle writes UTC, everybody else the time of their session's zone, and comparing with now() is off by the difference. In the schema: timestamp({ withTimezone: true }).`,
  },
]

const WITHOUT = /\s+without\s+time\s+zone/i

export const definitionRules: Rules = Object.fromEntries(
  REGRETS.map((regret): [RuleName, Rule] => [
    regret.rule,
    { subjects: ['CreateStmt', 'AT_AddColumn'], before: scene => regretted(scene, regret) },
  ]),
)

function regretted(
  scene: Scene,
  { rule, wanted, pattern, relic, better, level, message }: Regret,
): readonly Problem[] {
  const { step, ground } = scene
  const create = as('CreateStmt', step.tree)
  const alter = as('AlterTableStmt', step.tree)
  if (!columnsIn(create, alter).some(column => wanted(column, create))) return []
  // parsed alone, so that the places of the types count in this text
  const tree = treeOf(step.sql, ground.parser)
  const columns = columnsIn(as('CreateStmt', tree), as('AlterTableStmt', tree)).filter(column =>
    wanted(column, create),
  )
  const range = alter?.relation
  const table = range && existing(scene, rangeName(range))
  const alike = (sql: string) => (relic ? sql.replace(relic, '') : sql)
  const sql = replaceTypes(step.sql, columns, pattern, better)
  return [
    {
      level: table ? level : 'note',
      message: message(columns.map(({ colname = '' }) => colname).join(', ')),
      fix: sql === undefined ? allowed(rule, step.sql) : together(alike(sql)),
    },
  ]
}

function columnsIn(create: CreateStmt | undefined, alter: AlterTableStmt | undefined): ColumnDef[] {
  const commands = all('AlterTableCmd', alter?.cmds).filter(({ subtype }) => subtype === 'AT_AddColumn')
  return [
    ...all('ColumnDef', create?.tableElts),
    ...all(
      'ColumnDef',
      commands.flatMap(({ def }) => def ?? []),
    ),
  ]
}

function ofType(name: string) {
  return ({ typeName: type }: ColumnDef) => typeName(type).name === name
}

const SMALL = ['int2', 'int4', 'serial', 'serial2', 'serial4', 'smallserial']

function isSmallKey(column: ColumnDef, table: CreateStmt | undefined): boolean {
  if (!SMALL.includes(typeName(column.typeName).name)) return false
  if (all('Constraint', column.constraints).some(({ contype }) => contype === 'CONSTR_PRIMARY')) return true
  const key = all('Constraint', table?.tableElts).find(({ contype }) => contype === 'CONSTR_PRIMARY')
  return key !== undefined && columnsOf(key).join() === column.colname
}
