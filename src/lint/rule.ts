import type { AlterTableType } from 'libpg-query'
import { as, type Body, type Kind } from '../sql/tree.ts'
import type { RuleName } from './catalogue.ts'
import { type Aftermath, type Alteration, alterationOf, type Problem, type Scene } from './scene.ts'

/** A kind of statement, or a command of an ALTER TABLE. */
export type Subject = Kind | AlterTableType

/** A rule, and which steps it looks at. */
export interface Rule {
  /** undefined: all of them. */
  readonly subjects?: readonly Subject[]
  /** Asked before the step has run. */
  readonly before?: (scene: Scene) => readonly Problem[]
  /** Asked once it has. */
  readonly after?: (scene: Aftermath) => readonly Problem[]
}

export type Rules = Readonly<Partial<Record<RuleName, Rule>>>

export function onStatement<K extends Kind>(
  kind: K,
  find: (body: Body<K>, scene: Scene) => readonly Problem[],
): Rule {
  return {
    subjects: [kind],
    before: scene => {
      const body = as(kind, scene.step.tree)
      return body ? find(body, scene) : []
    },
  }
}

/** Looks at a command only where the table stood there before the file. */
export function onCommand(
  subtype: AlterTableType,
  find: (alteration: Alteration, scene: Scene) => readonly Problem[],
): Rule {
  return {
    subjects: [subtype],
    before: scene => {
      const alteration = alterationOf(scene)
      return alteration ? find(alteration, scene) : []
    },
  }
}

/** The same once the command has run. */
export function afterCommand(
  subtypes: readonly AlterTableType[],
  find: (alteration: Alteration, scene: Aftermath) => readonly Problem[],
): Rule {
  return {
    subjects: subtypes,
    after: scene => {
      const alteration = alterationOf(scene)
      return alteration ? find(alteration, scene) : []
    },
  }
}
