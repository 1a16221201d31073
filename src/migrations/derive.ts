import type { Context } from '../command.ts'
import type { Need } from '../kit/find.ts'
import { type Kit, withKit } from '../kit/kit.ts'
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
import { stagesBetween, typeChanges, withImpliedNotNull } from './derive-stages.ts'
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

export const WAY_BACK: Need = {
  what: 'The way back is derived by drizzle-kit',
  failed: 'could not derive the way back',
  otherwise: 'write the way back into a down file',
}

/** Derives the way back from each of the migrations through the project's own drizzle-kit. */
export async function derive(
  context: Context,
  project: Project,
  folder: MigrationsFolder,
  migrations: readonly Migration[],
  keyName: KeyName,
): Promise<Derivation[]> {
  if (migrations.length === 0) return []
  const deriveAll = async (kit: Kit) => {
    const derivations: Derivation[] = []
    for (const migration of migrations) derivations.push(await deriveOne(folder, migration, kit, keyName))
    return derivations
  }
  return withKit(context, project, WAY_BACK, deriveAll, folder.layout)
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
  const refused = handWritten(statements, to, after)
  if (refused !== undefined) return { refused }
  const renames = renamesOf(statements.flatMap(({ actions }) => actions ?? []))
  const from = renames.reduce<Entity[] | undefined>((state, rename) => state && undone(state, rename), after)
  if (!from) return { refused: 'it renames what its snapshot does not hold' }
  const beyond = beyondDerivation(from, to)
  return beyond === undefined ? derivedOf({ kit, keyName, states, renames, from, to }) : { refused: beyond }
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
  const { cleared, retyped } = stagesBetween(from, to)
  const answers: Answer[][] = []
  for (const [one, other] of [
    [from, cleared],
    [cleared, retyped],
    [retyped, to],
  ] as const) {
    const like = (entities: readonly Entity[]) => snapshotOf(entities, states.after)
    const { statements } = await kit.difference(like(one), like(other))
    const read = readAnswers(statements)
    if ('unknown' in read) return { refused: unexpected(read.unknown) }
    answers.push(read.answers)
  }
  const [gone = [], changed = [], made = []] = answers
  const changes = typeChanges(from, to)
  const named: Answer[] = []
  for (const answer of made) named.push(await withKeyName(answer, keyName))
  const statements = [
    ...renames.map(undoingSql),
    ...clearing(gone, from),
    ...changed.map(answer => withUsing(answer, changes)),
    ...restoring(named, to).flatMap(continuedIdentity),
  ]
  const early = usedTooEarly(statements)
  return early === undefined ? { statements, from, to } : { refused: early }
}

function readState(snapshot: Value): Entity[] {
  const entities = entitiesOf(snapshot)
  return formatOf(snapshot) === 'named' ? withImpliedNotNull(entities) : entities
}

function readAnswers(
  statements: readonly string[],
): { readonly answers: Answer[] } | { readonly unknown: string } {
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

/** A serial column has a sequence that no snapshot lists; 0.31 makes and drops it with the column only, 1.0 makes it otherwise. */
function beyondDerivation(from: readonly Entity[], to: readonly Entity[]): string | undefined {
  const serial = typeChanges(from, to).find(
    ({ column: { value }, before }) =>
      (isSerial(before) && !isSerial(value)) || (isNamed(value) && (isSerial(before) || isSerial(value))),
  )
  if (!serial) return undefined
  const { column, before } = serial
  return `${nameOf(column)} would have to become ${before.type} again from ${column.value.type}, and drizzle-kit does not take its sequence along`
}

/** Whether it comes from version 7. */
function isNamed(value: Value): boolean {
  return !('entityType' in value)
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
