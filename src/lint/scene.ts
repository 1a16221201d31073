import type { AlterTableCmd } from 'libpg-query'
import type { Effects } from '../sql/effects.ts'
import { findRelation, holders, type Relation } from '../sql/relations.ts'
import { as, type Name, rangeName } from '../sql/tree.ts'
import type { Level } from './catalogue.ts'
import type { Ground } from './ground.ts'
import type { LintScript } from './script.ts'
import { rangeSql } from './sql.ts'
import type { AlterWords, Step } from './steps.ts'

/** What a rule has found. */
export interface Problem {
  /** What happens and why. */
  readonly message: string
  /** SQL to put in place of the statement. */
  readonly fix: string
  /** Whose rows decide on the level; undefined where no table does. */
  readonly table?: Relation | undefined
  /** The level where the config gives none. */
  readonly level?: Level
}

/** One step, and the database and the file round it. */
export interface Scene {
  readonly step: Step
  readonly script: LintScript
  /** The database before the step. */
  readonly ground: Ground
  /** What ran before in the same transaction, but for what only writes rows. */
  readonly earlier: readonly Past[]
  /** Whether the transaction has set the session's time zone to UTC. */
  readonly inUtc: boolean
}

export interface Past {
  readonly step: Step
  readonly effects: Effects
}

/** The scene once the step has run: what it did, and the ground as it leaves it. */
export interface Aftermath extends Scene {
  readonly effects: Effects
}

/** The relation that stood there before the file; undefined where the file makes it, so that it harms nobody. */
export function existing({ ground }: Scene, name: Name): Relation | undefined {
  const found = findRelation(ground.relations, name)
  return found?.oid === undefined ? undefined : found
}

/** The rows of a table and its partitions, as estimated; null where nobody knows them. */
export function rowsOf(table: Relation): number | null {
  return holders(table).reduce<number | null>((sum, { oid, rows }) => {
    const own = oid === undefined ? 0 : rows
    return sum === null || own === null ? null : sum + own
  }, 0)
}

/** One command of an ALTER TABLE on a table that stood there before the file. */
export interface Alteration extends AlterWords {
  readonly command: AlterTableCmd
  readonly table: Relation
  /** The table's name as SQL. */
  readonly name: string
  /** The statements that do the rest of an ALTER TABLE of several commands. */
  readonly rest: readonly string[]
}

export function alterationOf(scene: Scene): Alteration | undefined {
  const { alter, tree } = scene.step
  const range = as('AlterTableStmt', tree)?.relation
  if (!alter || !range) return undefined
  const table = existing(scene, rangeName(range))
  if (!table) return undefined
  const words = alter.written()
  const rest = words.others.length > 0 ? [`${words.head} ${words.others.join(', ')}`] : []
  return { ...words, command: alter.command, table, name: rangeSql(range), rest }
}
