import type { Context } from '../command.ts'
import type { Need } from '../kit/find.ts'
import { type Kit, withKit } from '../kit/kit.ts'
import type { Project } from '../project/project.ts'
import { type Entity, entitiesOf, formatOf, isSerial, nameOf, type Value } from './derive-entities.ts'
import { handWritten, statementsOf } from './derive-known.ts'
import { withinTransaction } from './derive-mend.ts'
import { type Rename, renamesOf, undoingSql, undone } from './derive-rename.ts'
import { statesOf } from './derive-snapshots.ts'
import { typeChanges, withImpliedNotNull } from './derive-stages.ts'
import { type KeyName, usedTooEarly, wayBetween } from './derive-way.ts'
import { readSql } from './fingerprint.ts'
import type { Migration, MigrationsFolder } from './folder.ts'

/** The way back from one migration: the SQL, and the two states that it lies between. */
export interface Derived {
  readonly statements: readonly string[]
  /** What the database holds once the renames are undone, and what it will hold. */
  readonly from: readonly Entity[]
  readonly to: readonly Entity[]
}

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
  const way = await wayBetween(kit, states.after, from, to, keyName)
  if ('refused' in way) return way
  const statements = [...renames.map(undoingSql), ...way.statements.map(withinTransaction)]
  const early = usedTooEarly(statements)
  return early === undefined
    ? { statements, from, to }
    : {
        refused: `it brings an enum's value ${early.value} back and uses it at once, which PostgreSQL does not allow: ${early.statement}`,
      }
}

/** What a snapshot holds, with what PostgreSQL makes of it by itself. */
export function readState(snapshot: Value): Entity[] {
  const entities = entitiesOf(snapshot)
  return formatOf(snapshot) === 'named' ? withImpliedNotNull(entities) : entities
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
