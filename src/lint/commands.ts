import { tokens } from '../migrations/tokens.ts'

/** The text of an ALTER TABLE: what stands before its commands, and each of them. */
export interface AlterText {
  readonly head: string
  readonly commands: readonly string[]
}

const BEFORE_THE_NAME = [
  'ALTER',
  'TABLE',
  'IF',
  'EXISTS',
  'ONLY',
  'FOREIGN',
  'VIEW',
  'INDEX',
  'MATERIALIZED',
  'SEQUENCE',
]

/** Splits `ALTER TABLE a.b ADD x int, DROP y` after its name and at its commas. */
export function splitAlter(sql: string): AlterText {
  const all = [...tokens(sql)]
  let position = all.findIndex(({ word }) => !BEFORE_THE_NAME.includes(word))
  while (sql[(all[position + 1]?.end ?? 0) - 1] === '.') position += 2
  if (sql[(all[position + 1]?.end ?? 0) - 1] === '*') position += 1
  const head = all[position]?.end ?? sql.length
  const commands: string[] = []
  let start = head
  let depth = 0
  for (const { kind, end } of all.slice(position + 1)) {
    if (kind === 'open' || sql[end - 1] === '[') depth += 1
    else if (kind === 'close' || sql[end - 1] === ']') depth -= 1
    else if (depth === 0 && kind === 'other' && sql[end - 1] === ',') {
      commands.push(sql.slice(start, end - 1).trim())
      start = end
    }
  }
  return { head: sql.slice(0, head), commands: [...commands, sql.slice(start).trim()] }
}
