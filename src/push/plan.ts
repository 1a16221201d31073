import { type CatalogEntity, describedObjects } from '../catalog/described.ts'
import { ordinarySchemas } from '../catalog/schemas.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Kit } from '../kit/kit.ts'
import type { Decisions, Question } from '../kit/rename.ts'
import { emptyState } from '../kit/states.ts'
import { readState } from '../migrations/derive.ts'
import { type Entity, nameOf, snapshotOf, type Value } from '../migrations/derive-entities.ts'
import { readDdl } from '../migrations/derive-reader.ts'
import { type KeyName, wayBetween } from '../migrations/derive-way.ts'
import type { Project } from '../project/project.ts'
import { type Care, careOf } from './care.ts'
import { type Understood, understand } from './shadow.ts'
import { type LiveState, liveState } from './state.ts'

export interface PushWork {
  readonly context: Context
  readonly database: Database
  readonly project: Project
  readonly kit: Kit
  /** What the schema files describe. */
  readonly code: Value
  readonly decisions: Decisions
}

/** What leads from the database to the schema. */
export interface Statements {
  readonly statements: readonly string[]
  /** What must be decided before there can be statements. */
  readonly questions: readonly Question[]
  /** All that drizzle-kit has asked, also what is decided. */
  readonly asked: readonly Question[]
  /** What differs though drizzle-kit has no statement for it. Only where there are no statements. */
  readonly unresolved: readonly string[]
  /** What the database holds and the schema does not, and no filter names: it stays. */
  readonly leftAlone: readonly string[]
  /** What the server could not make in passing, so that it was not compared. */
  readonly notCompared: Understood['failures']
  /** Both sides in the server's own words, renames done. */
  readonly live: readonly CatalogEntity[]
  readonly wanted: readonly CatalogEntity[]
}

/** Works out what push would run. Writes nothing that stays: the code is made in passing and rolled back. */
export async function statementsFor(work: PushWork): Promise<Statements> {
  const { database, project, kit, code, decisions } = work
  const care = careOf(project)
  const to = readState(code).filter(entity => entity.value.isExisting !== true && care.isMeant(entity))
  const target = snapshotOf(to, code)
  const { statements: whole } = await kit.difference(emptyState(kit.layout), target)
  const schemas = await schemasOf(database, to, care)
  const seen = await withRollback(database, async () => {
    await database.script("SET LOCAL search_path = ''")
    const live = await describedObjects(database, schemas)
    const roles = live.filter(({ kind }) => kind === 'roles').map(({ name }) => name)
    await database.script('SET LOCAL search_path TO DEFAULT')
    const understood = await understand(database, whole, schemas, roles)
    const sides = { layout: kit.layout, code: to, wanted: understood.objects, care }
    const state = liveState({ ...sides, live })
    const found = await kit.difference(snapshotOf(state.entities, code), target, decisions)
    const renames = found.questions.length > 0 ? [] : found.statements.filter(isRename)
    const { questions, asked } = found
    if (renames.length === 0) return { understood, state, questions, asked, renames, live }
    // everything that mentions the old name mentions the new one afterwards
    await database.script(
      `SET LOCAL search_path TO DEFAULT; ${renames.join('\n')} SET LOCAL search_path = ''`,
    )
    const renamed = await describedObjects(database, schemas)
    return {
      understood,
      state: liveState({ ...sides, live: renamed }),
      questions,
      asked,
      renames,
      live: renamed,
    }
  })
  const { understood, state, questions, asked, renames, live } = seen
  const told = {
    leftAlone: namesOf(state),
    notCompared: understood.failures,
    questions,
    asked,
    live,
    wanted: understood.objects,
  }
  if (questions.length > 0) return { statements: [], unresolved: [], ...told }
  const keyName: KeyName = async (schema, table) =>
    live.find(each => each.kind === 'pks' && each.schema === schema && each.table === table)?.name ??
    `${table}_pkey`
  const way = await wayBetween(kit, code, state.entities, to, keyName)
  if ('refused' in way) throw unknownStatement(way.refused)
  const statements = withoutDetours([...renames, ...way.statements].map(sql => sql.trim()))
  return { statements, unresolved: statements.length > 0 ? [] : state.differing.map(describe), ...told }
}

const DISABLED = / DISABLE ROW LEVEL SECURITY;$/

/** A policy that is made anew needs no moment without row level security. */
function withoutDetours(statements: readonly string[]): string[] {
  const enabling = (sql: string) => sql.replace(DISABLED, ' ENABLE ROW LEVEL SECURITY;')
  const detours = statements.filter(sql => DISABLED.test(sql) && statements.includes(enabling(sql)))
  return statements.filter(sql => !detours.includes(sql) && !detours.map(enabling).includes(sql))
}

/** Those of the code, and those that the filters put under drizzle's care. */
async function schemasOf(database: Database, to: readonly Entity[], care: Care): Promise<string[]> {
  const described = to.map(({ kind, schema, name }) => (kind === 'schemas' ? name : schema))
  const others = await ordinarySchemas(database)
  const cared = others.filter(schema => care.mayDrop({ kind: 'enums', schema, table: '', name: '' }))
  return [...new Set(['public', ...described, ...cared])].filter(schema => schema !== '')
}

function isRename(sql: string): boolean {
  return readDdl(sql)?.some(({ verb }) => verb === 'rename' || verb === 'move') === true
}

function namesOf({ leftAlone }: LiveState): string[] {
  return leftAlone.map(describe).sort()
}

function describe(entity: Omit<Entity, 'value'>): string {
  const { kind } = entity
  return `${WORDS[kind] ?? kind} ${nameOf(entity)}`
}

const WORDS: Readonly<Partial<Record<Entity['kind'], string>>> = {
  schemas: 'schema',
  roles: 'role',
  tables: 'table',
  columns: 'column',
  pks: 'primary key',
  uniques: 'unique constraint',
  fks: 'foreign key',
  checks: 'check',
  indexes: 'index',
  enums: 'enum',
  sequences: 'sequence',
  views: 'view',
  policies: 'policy',
}

async function withRollback<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.script('BEGIN READ WRITE')
  try {
    return await work()
  } finally {
    await database.script('ROLLBACK').catch(() => {})
  }
}

function unknownStatement(why: string): OpsError {
  return new OpsError({
    code: 'push-unknown',
    message: `Nothing was pushed: ${why}`,
    hint: 'Make a migration of this change: drizzle-ops generate, and drizzle-ops migrate.',
  })
}
