import type {
  AlterObjectSchemaStmt,
  AlterTableCmd,
  AlterTableStmt,
  DropStmt,
  Node,
  RangeVar,
  RenameStmt,
} from 'libpg-query'
import { castsByItself } from '../catalog/casts.ts'
import type { CatalogEntity } from '../catalog/described.ts'
import { countLabels, countNulls, countRows, countValues, type TableRef } from '../catalog/row-counts.ts'
import type { Database } from '../database/database.ts'
import { type Analysis, analyse } from '../sql/analyse.ts'
import { isSerial } from '../sql/effects/columns.ts'
import { all, as, type Body, nameOf, rangeName, words, wordsOf } from '../sql/tree.ts'
import { type Hazard, inOrder } from './hazards.ts'
import type { Statements } from './plan.ts'
import { holdsAll } from './widening.ts'

export interface PushStatement {
  readonly sql: string
  readonly hazards: readonly Hazard[]
  /** The tables it is about that hold rows, with how many; null where our role may not count them. */
  readonly tables: readonly { readonly table: string; readonly rows: number | null }[]
  /** What it does to what, in words; empty where there is nothing to say. */
  readonly reasons: readonly string[]
  /** Why it cannot succeed on what the tables hold; null where nothing is in its way. */
  readonly blocked: string | null
}

/** One statement while it is being judged. */
interface Judging {
  readonly database: Database
  readonly plan: Pick<Statements, 'live' | 'wanted'>
  /** Everything that the plan makes: what is dropped and made anew is not gone. */
  readonly made: ReadonlySet<string>
  readonly rowsOf: (table: TableRef) => Promise<number | null>
  readonly renamed: Renamed
  readonly hazards: Set<Hazard>
  readonly reasons: Set<string>
  readonly tables: Map<string, number | null>
  blocked: string | null
}

/** By the name that the plan has given, the one that the table or the column still has. */
interface Renamed {
  readonly tables: Map<string, TableRef>
  readonly columns: Map<string, string>
}

function originally({ tables }: Renamed, table: TableRef): TableRef {
  return tables.get(shown(table)) ?? table
}

function columnOriginally({ columns }: Renamed, table: TableRef, column: string): string {
  return columns.get(`${shown(table)}.${column}`) ?? column
}

/** Judges each statement by PostgreSQL's own parse of it, what it does to others, and what the tables hold. Reads only. */
export async function classify(
  database: Database,
  plan: Pick<Statements, 'live' | 'wanted' | 'statements'>,
): Promise<PushStatement[]> {
  if (plan.statements.length === 0) return []
  const [analyses = []] = await analyse(database, [plan.statements])
  const made = new Set(analyses.flatMap(({ statements }) => statements.flatMap(({ tree }) => madeBy(tree))))
  const counts = new Map<string, Promise<number | null>>()
  const renamed: Renamed = { tables: new Map(), columns: new Map() }
  const rowsOf = (table: TableRef) => {
    const key = shown(table)
    const counting = counts.get(key) ?? countRows(database, originally(renamed, table))
    counts.set(key, counting)
    return counting
  }
  const judged: PushStatement[] = []
  for (const [index, sql] of plan.statements.entries()) {
    const judging: Judging = {
      database,
      plan,
      made,
      rowsOf,
      renamed,
      hazards: new Set(),
      reasons: new Set(),
      tables: new Map(),
      blocked: null,
    }
    const analysis = analyses[index]
    for (const { tree, reason } of analysis?.statements ?? []) {
      if (tree) await judge(judging, tree)
      else judging.blocked = `it cannot be parsed: ${reason}`
    }
    if (analysis) await judgeEffects(judging, analysis)
    judged.push({
      sql,
      hazards: inOrder(judging.hazards),
      tables: [...judging.tables].map(([table, rows]) => ({ table, rows })),
      reasons: [...judging.reasons],
      blocked: judging.blocked,
    })
  }
  return judged
}

async function judge(judging: Judging, tree: Node): Promise<void> {
  const alter = as('AlterTableStmt', tree)
  if (alter) return judgeAlter(judging, alter)
  const drop = as('DropStmt', tree)
  if (drop) return judgeDrop(judging, drop)
  const type = as('CreateEnumStmt', tree)
  if (type) return judgeEnum(judging, type)
  const rename = as('RenameStmt', tree)
  if (rename) judgeRename(judging, rename)
  const move = as('AlterObjectSchemaStmt', tree)
  if (move) judgeMove(judging, move)
  if (as('DropRoleStmt', tree)) tell(judging, 'the role goes', 'drops-object')
  if (as('TruncateStmt', tree)) {
    tell(judging, 'the rows go', 'deletes-data')
    judging.blocked = 'push never truncates a table'
  }
}

const HARMLESS_RENAMES = ['OBJECT_INDEX', 'OBJECT_TABCONSTRAINT', 'OBJECT_POLICY', 'OBJECT_TRIGGER']

function judgeRename(
  judging: Judging,
  { renameType = 'OBJECT_TABLE', relation, subname, newname = '', object }: RenameStmt,
): void {
  const { renamed } = judging
  const table = relation && refOfRange(relation)
  const before = subname ?? table?.table ?? wordsOf(object).at(-1) ?? ''
  if (!HARMLESS_RENAMES.includes(renameType))
    tell(judging, `queries that say ${before} fail`, 'breaks-clients')
  if (table && renameType === 'OBJECT_TABLE')
    renamed.tables.set(shown({ ...table, table: newname }), originally(renamed, table))
  if (table && renameType === 'OBJECT_COLUMN')
    renamed.columns.set(`${shown(table)}.${newname}`, columnOriginally(renamed, table, before))
  if (renameType === 'OBJECT_SCHEMA')
    for (const { kind, schema, name } of judging.plan.live)
      if (kind === 'tables' && schema === newname)
        renamed.tables.set(shown({ schema, table: name }), { schema: before, table: name })
}

function judgeMove(judging: Judging, { relation, newschema = '' }: AlterObjectSchemaStmt): void {
  tell(judging, 'queries that look for it in its old schema fail', 'breaks-clients')
  const table = relation && refOfRange(relation)
  if (table)
    judging.renamed.tables.set(shown({ ...table, schema: newschema }), originally(judging.renamed, table))
}

function refOfRange(range: RangeVar): TableRef {
  const { schema = 'public', name } = rangeName(range)
  return { schema, table: name }
}

function tell(judging: Judging, reason: string, ...hazards: readonly Hazard[]): void {
  judging.reasons.add(reason)
  for (const hazard of hazards) judging.hazards.add(hazard)
}

async function judgeAlter(judging: Judging, { relation, cmds }: AlterTableStmt): Promise<void> {
  if (!relation) return
  const table = refOfRange(relation)
  for (const command of all('AlterTableCmd', cmds)) {
    switch (command.subtype) {
      case 'AT_AddColumn':
        await judgeNewColumn(judging, table, command)
        break
      case 'AT_DropColumn':
        await judgeDroppedColumn(judging, table, command)
        break
      case 'AT_SetNotNull':
        await judgeNotNull(judging, table, command)
        break
      case 'AT_AlterColumnType':
        await judgeType(judging, table, command)
        break
      case 'AT_DropConstraint':
        if (!judging.made.has(`constraint ${table.schema}.${table.table}.${command.name}`))
          tell(judging, `the constraint ${command.name} goes`, 'drops-object')
        break
      default:
    }
  }
}

const FILLED = ['CONSTR_DEFAULT', 'CONSTR_IDENTITY', 'CONSTR_GENERATED']

async function judgeNewColumn(judging: Judging, table: TableRef, { def }: AlterTableCmd): Promise<void> {
  const column = as('ColumnDef', def)
  const kinds = all('Constraint', column?.constraints).map(({ contype }) => contype ?? '')
  const isRequired = kinds.includes('CONSTR_NOTNULL') || kinds.includes('CONSTR_PRIMARY')
  if (!column || !isRequired || isSerial(column) || kinds.some(kind => FILLED.includes(kind))) return
  const rows = await judging.rowsOf(table)
  if (rows === 0) return
  judging.tables.set(shown(table), rows)
  tell(judging, `${column.colname} is NOT NULL and has no default`, 'may-lose-data')
  judging.blocked = `${shown(table)} holds ${inWords(rows, 'row')}, and there is nothing to put into ${column.colname}: give it a default, or leave out .notNull() until it is filled`
}

async function judgeDroppedColumn(
  judging: Judging,
  table: TableRef,
  { name = '' }: AlterTableCmd,
): Promise<void> {
  const column = liveColumn(judging, table, name)
  // its values are worked out again
  if (column?.facts.generated && judging.made.has(`column ${table.schema}.${table.table}.${name}`)) return
  const values = await countValues(
    judging.database,
    originally(judging.renamed, table),
    columnOriginally(judging.renamed, table, name),
  )
  tell(judging, `queries that say ${name} fail`, 'drops-object', 'breaks-clients')
  if (values === 0) return
  judging.tables.set(shown(table), await judging.rowsOf(table))
  tell(judging, `${inWords(values, 'value')} of ${name} ${values === 1 ? 'goes' : 'go'}`, 'deletes-data')
}

async function judgeNotNull(judging: Judging, table: TableRef, { name = '' }: AlterTableCmd): Promise<void> {
  const nulls = await countNulls(
    judging.database,
    originally(judging.renamed, table),
    columnOriginally(judging.renamed, table, name),
  )
  if (nulls === 0) return
  judging.tables.set(shown(table), await judging.rowsOf(table))
  tell(judging, `${name} is null in ${inWords(nulls, 'row')}`, 'may-lose-data')
  judging.blocked = `${inWords(nulls, 'row')} of ${shown(table)} ${nulls === 1 ? 'holds' : 'hold'} no ${name}: fill ${nulls === 1 ? 'it' : 'them'} first`
}

async function judgeType(judging: Judging, table: TableRef, { name = '' }: AlterTableCmd): Promise<void> {
  const from = liveColumn(judging, table, name)?.facts.type
  const to = judging.plan.wanted.find(each => isColumn(each, table, name))?.facts.type
  // an enum that is made anew is judged where it is made
  if (typeof from !== 'string' || typeof to !== 'string' || from === to) return
  const rows = await judging.rowsOf(table)
  if (!(await castsByItself(judging.database, from, to)))
    tell(judging, `PostgreSQL does not turn ${from} into ${to} without a USING`, 'needs-using')
  if (rows === 0) return
  judging.tables.set(shown(table), rows)
  if (!holdsAll(from, to)) tell(judging, `${to} does not hold every ${from}`, 'may-lose-data')
}

async function judgeEnum(judging: Judging, { typeName, vals }: Body<'CreateEnumStmt'>): Promise<void> {
  const { schema = 'public', name } = nameOf(words(typeName))
  const before = judging.plan.live.find(
    each => each.kind === 'enums' && each.schema === schema && each.name === name,
  )
  if (!before) return
  const lost = (before.facts.values as string[]).filter(value => !words(vals).includes(value))
  if (lost.length === 0) return
  tell(judging, `${name} loses ${lost.join(', ')}`, 'may-lose-data', 'breaks-clients')
  for (const column of judging.plan.live) {
    if (column.kind !== 'columns' || column.facts.enum !== name) continue
    const table = { schema: column.schema, table: column.table }
    const held = await countLabels(
      judging.database,
      originally(judging.renamed, table),
      columnOriginally(judging.renamed, table, column.name),
      lost,
    )
    if (held === 0) continue
    judging.tables.set(shown(table), await judging.rowsOf(table))
    judging.blocked = `${inWords(held, 'row')} of ${shown(table)} ${held === 1 ? 'holds' : 'hold'} ${lost.join(' or ')} in ${column.name}: change ${held === 1 ? 'it' : 'them'} first`
  }
}

const DROPPED: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_TYPE: 'type',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
  OBJECT_SCHEMA: 'schema',
  OBJECT_POLICY: 'policy',
}
const USED_BY_CLIENTS = ['table', 'view', 'sequence', 'schema']

async function judgeDrop(
  judging: Judging,
  { objects = [], removeType = 'OBJECT_TABLE' }: DropStmt,
): Promise<void> {
  const kind = DROPPED[removeType] ?? 'object'
  for (const object of objects) {
    const parts = 'String' in object ? [object.String.sval ?? ''] : wordsOf(object)
    const { schema = kind === 'schema' ? '' : 'public', name } = nameOf(parts)
    const isMadeAnew = judging.made.has(kind === 'schema' ? `schema ${name}` : `${kind} ${schema}.${name}`)
    if (isMadeAnew || judging.made.has(`${kind} ${name}`)) continue
    tell(judging, `the ${kind} ${name} goes`, 'drops-object')
    if (USED_BY_CLIENTS.includes(kind)) judging.hazards.add('breaks-clients')
    if (kind !== 'table') continue
    const rows = await judging.rowsOf({ schema, table: name })
    if (rows === 0) continue
    judging.tables.set(shown({ schema, table: name }), rows)
    tell(judging, `its ${inWords(rows, 'row')} ${rows === 1 ? 'goes' : 'go'}`, 'deletes-data')
  }
}

/** What it does to others matters where there are rows to work on. */
async function judgeEffects(judging: Judging, { effects }: Analysis): Promise<void> {
  const { rewrites, scans, locks, tables } = effects
  for (const { relation } of tables) {
    const isRewritten = rewrites.includes(relation)
    if (!isRewritten && !scans.includes(relation)) continue
    const rows = await judging.rowsOf(refOf(relation))
    if (rows === 0) continue
    judging.tables.set(withoutPublic(relation), rows)
    const modes = locks.filter(lock => lock.relation === relation).map(({ mode }) => mode)
    judging.hazards.add(isRewritten ? 'rewrites-table' : 'scans-table')
    if (modes.includes('AccessExclusiveLock')) judging.hazards.add('blocks-reads')
    else if (modes.some(mode => BLOCK_WRITES.includes(mode))) judging.hazards.add('blocks-writes')
  }
}

const BLOCK_WRITES = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock']
const NAME = /"((?:[^"]|"")+)"|([^.]+)/g

/** Analysis writes names as SQL does. */
function refOf(relation: string): TableRef {
  const [schema = '', table = ''] = [...relation.matchAll(NAME)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
  return { schema, table }
}

const PUBLIC = /^public\./

function withoutPublic(relation: string): string {
  return relation.replace(PUBLIC, '')
}

function shown({ schema, table }: TableRef): string {
  return schema === 'public' ? table : `${schema}.${table}`
}

function inWords(count: number | null, what: string): string {
  return count === null ? `an unknown number of ${what}s` : `${count} ${what}${count === 1 ? '' : 's'}`
}

function liveColumn({ plan }: Judging, table: TableRef, name: string): CatalogEntity | undefined {
  return plan.live.find(each => isColumn(each, table, name))
}

function isColumn(entity: CatalogEntity, { schema, table }: TableRef, name: string): boolean {
  return (
    entity.kind === 'columns' && entity.schema === schema && entity.table === table && entity.name === name
  )
}

/** What a statement makes, as `judgeDrop` and `judgeAlter` look for it. */
function madeBy(tree: Node | undefined): string[] {
  const placed = (kind: string, { schema = 'public', name }: { schema: string | undefined; name: string }) =>
    `${kind} ${schema}.${name}`
  const table = as('CreateStmt', tree)?.relation
  if (table) return [placed('table', rangeName(table))]
  const view = as('ViewStmt', tree)?.view ?? as('CreateTableAsStmt', tree)?.into?.rel
  if (view) return [placed('view', rangeName(view))]
  const type = as('CreateEnumStmt', tree)
  if (type) return [placed('type', nameOf(words(type.typeName)))]
  const sequence = as('CreateSeqStmt', tree)?.sequence
  if (sequence) return [placed('sequence', rangeName(sequence))]
  const index = as('IndexStmt', tree)
  if (index)
    return [
      `index ${index.idxname}`,
      placed('index', { schema: index.relation?.schemaname, name: index.idxname ?? '' }),
    ]
  const policy = as('CreatePolicyStmt', tree)
  if (policy) return [`policy ${policy.policy_name}`]
  const alter = as('AlterTableStmt', tree)
  if (!alter?.relation) return []
  const { schema = 'public', name } = rangeName(alter.relation)
  return all('AlterTableCmd', alter.cmds).flatMap(({ subtype, def }) => {
    if (subtype === 'AT_AddConstraint')
      return [`constraint ${schema}.${name}.${as('Constraint', def)?.conname}`]
    if (subtype === 'AT_AddColumn') return [`column ${schema}.${name}.${as('ColumnDef', def)?.colname}`]
    return []
  })
}
