import type { Kit } from '../kit/kit.ts'
import { type Entity, snapshotOf, type Value } from './derive-entities.ts'
import {
  type Answer,
  clearing,
  continuedIdentity,
  PRIMARY_KEY,
  readAnswer,
  restoring,
  withUsing,
} from './derive-mend.ts'
import { stagesBetween, typeChanges } from './derive-stages.ts'

/** The name of a table's primary key, which version 7 does not record. */
export type KeyName = (schema: string, table: string) => Promise<string>

/** The SQL from one state to another, or why drizzle-kit has none that is known to be right. */
export type Statements = { readonly statements: readonly string[] } | { readonly refused: string }

/** Asks drizzle-kit in three steps, and puts what it answers into an order in which it can run. `like` is any snapshot of the kind. */
export async function wayBetween(
  kit: Kit,
  like: Value,
  from: readonly Entity[],
  to: readonly Entity[],
  keyName: KeyName,
): Promise<Statements> {
  const { cleared, retyped } = stagesBetween(from, to)
  const answers: Answer[][] = []
  for (const [one, other] of [
    [from, cleared],
    [cleared, retyped],
    [retyped, to],
  ] as const) {
    const { statements } = await kit.difference(snapshotOf(one, like), snapshotOf(other, like))
    const read = readAnswers(statements)
    if ('unknown' in read) return { refused: unexpected(read.unknown) }
    answers.push(read.answers)
  }
  const [gone = [], changed = [], made = []] = answers
  const changes = typeChanges(from, to)
  const named: Answer[] = []
  for (const answer of made) named.push(await withKeyName(answer, keyName))
  return {
    statements: [
      ...clearing(gone, from),
      ...changed.map(answer => withUsing(answer, changes)),
      ...restoring(named, to).flatMap(continuedIdentity),
    ],
  }
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

const ADDED_VALUE = /^ALTER TYPE \S+ ADD VALUE ('(?:[^']|'')*')/

/** The first statement that uses an enum's new value: PostgreSQL allows none in the transaction that adds it. */
export function usedTooEarly(
  statements: readonly string[],
): { readonly value: string; readonly statement: string } | undefined {
  for (const added of statements) {
    const value = ADDED_VALUE.exec(added)?.[1]
    if (value === undefined) continue
    const statement = statements.find(each => !each.startsWith('ALTER TYPE') && each.includes(value))
    if (statement !== undefined) return { value, statement }
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
