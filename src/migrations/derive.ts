import type { Context } from '../command.ts'
import type { Project } from '../project/project.ts'
import {
  type Entity,
  entitiesOf,
  formatOf,
  isSerial,
  nameOf,
  snapshotOf,
  type Value,
} from './derive-entities.ts'
import { type Kit, withKit } from './derive-kit.ts'
import { handWritten, statementsOf } from './derive-known.ts'
import {
  type Answer,
  clearing,
  continuedIdentity,
  PRIMARY_KEY,
  readAnswer,
  restoring,
  withUsing,
} from './derive-mend.ts'
import { type Rename, renamesOf, undoingSql, undone } from './derive-rename.ts'
import { statesOf } from './derive-snapshots.ts'
import { stateBetween, typeChanges, withImpliedNotNull } from './derive-stages.ts'
import { readSql } from './fingerprint.ts'
import type { Migration, MigrationsFolder } from './folder.ts'

/** The way back from one migration: the SQL, and the two states that it lies between. */
export interface Derived {
  readonly statements: readonly string[]
  /** What the database holds once the renames are undone, and what it will hold. */
  readonly from: readonly Entity[]
  readonly to: readonly Entity[]
}

/** The name of a table's primary key, which version 7 does not record. */
export type KeyName = (schema: string, table: string) => Promise<string>

/** Either the way back, or why there is none. */
export type Derivation = Derived | { readonly refused: string }

/** Derives the way back from each of the migrations through the project's own drizzle-kit. */
export async function derive(
  context: Context,
  project: Project,
  folder: MigrationsFolder,
  migrations: readonly Migration[],
  keyName: KeyName,
): Promise<Derivation[]> {
  if (migrations.length === 0) return []
  return withKit(context, project, folder.layout, async kit => {
    const derivations: Derivation[] = []
    for (const migration of migrations) derivations.push(await deriveOne(folder, migration, kit, keyName))
    return derivations
  })
}

/** The way back from one migration. */
export async function deriveOne(
  folder: MigrationsFolder,
  migration: Migration,
  kit: Kit,
  keyName: KeyName,
): Promise<Derivation> {
  const states = await statesOf(folder, migration, kit)
  if (!states) return { refused: 'it was written by hand: it has no snapshot' }
  const after = readState(states.after)
  const to = readState(states.before)
  const statements = statementsOf(readSql(migration.file).text)
  const refused = handWritten(statements, to, after) ?? beyondDerivation(after, to)
  if (refused !== undefined) return { refused }
  const renames = renamesOf(statements.flatMap(({ actions }) => actions ?? []))
  const from = renames.reduce<Entity[] | undefined>((state, rename) => state && undone(state, rename), after)
  if (!from) return { refused: 'it renames what its snapshot does not hold' }
  return derivedOf({ kit, keyName, states, renames, from, to })
}

interface Way {
  readonly kit: Kit
  readonly keyName: KeyName
  readonly states: { readonly after: Value; readonly before: Value }
  readonly renames: readonly Rename[]
  readonly from: Entity[]
  readonly to: Entity[]
}

async function derivedOf({ kit, keyName, states, renames, from, to }: Way): Promise<Derivation> {
  const between = stateBetween(from, to)
  const like = (entities: readonly Entity[]) => snapshotOf(entities, states.after)
  const cleared = read(await kit.difference(like(from), like(between)))
  const restored = read(await kit.difference(like(between), like(to)))
  if ('unknown' in cleared) return { refused: unexpected(cleared.unknown) }
  if ('unknown' in restored) return { refused: unexpected(restored.unknown) }
  const changes = typeChanges(from, to)
  const answers: Answer[] = []
  for (const answer of restored.answers) {
    const using = { ...answer, sql: withUsing(answer, changes) }
    answers.push(await withKeyName(using, keyName))
  }
  const statements = [
    ...renames.map(undoingSql),
    ...clearing(cleared.answers, from),
    ...restoring(answers, to).flatMap(continuedIdentity),
  ]
  const early = usedTooEarly(statements)
  return early === undefined ? { statements, from, to } : { refused: early }
}

function readState(snapshot: Value): Entity[] {
  const entities = entitiesOf(snapshot)
  return formatOf(snapshot) === 'named' ? withImpliedNotNull(entities) : entities
}

function read(statements: readonly string[]): { readonly answers: Answer[] } | { readonly unknown: string } {
  const answers: Answer[] = []
  for (const sql of statements) {
    const answer = readAnswer(sql)
    if (!answer) return { unknown: sql }
    answers.push(answer)
  }
  return { answers }
}

function unexpected(sql: string): string {
  return `drizzle-kit answered with something that is not known to be right: ${sql.trim().split('\n')[0]}`
}

/** What neither drizzle-kit nor this can bring back as it was. */
function beyondDerivation(after: readonly Entity[], to: readonly Entity[]): string | undefined {
  const serial = typeChanges(after, to).find(
    ({ column, before }) => isSerial(before) && !isSerial(column.value),
  )
  return serial
    ? `${nameOf(serial.column)} would have to become ${serial.before.type} again, and drizzle-kit makes its sequence otherwise`
    : undefined
}

const ADDED_VALUE = /^ALTER TYPE \S+ ADD VALUE ('(?:[^']|'')*')/

/** PostgreSQL uses no value of an enum in the transaction that adds it. */
function usedTooEarly(statements: readonly string[]): string | undefined {
  for (const statement of statements) {
    const value = ADDED_VALUE.exec(statement)?.[1]
    if (value === undefined) continue
    const user = statements.find(each => !each.startsWith('ALTER TYPE') && each.includes(value))
    if (user)
      return `it brings an enum's value ${value} back and uses it at once, which PostgreSQL does not allow: ${user}`
  }
  return undefined
}

/** Version 7 does not say how the primary key of a single column is called. */
async function withKeyName(answer: Answer, keyName: KeyName): Promise<Answer> {
  const [action] = answer.actions
  if (action?.name !== PRIMARY_KEY) return answer
  const name = await keyName(action.schema, action.table)
  return { ...answer, sql: answer.sql.replace(PRIMARY_KEY, () => name.replaceAll('"', '""')) }
}
