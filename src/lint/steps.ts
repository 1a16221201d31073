import type { AlterTableCmd, AlterTableStmt, Node } from 'libpg-query'
import { all, as } from '../sql/tree.ts'
import { type AlterText, splitAlter } from './commands.ts'
import type { FileStatement } from './script.ts'

/** What rules look at: a statement, one command of an ALTER TABLE, or a statement within a DO block. */
export interface Step {
  readonly statement: FileStatement
  readonly tree: Node
  /** Its own text: of one command as if it stood alone. */
  readonly sql: string
  readonly alter: AlterStep | undefined
}

export interface AlterStep {
  readonly command: AlterTableCmd
  /** Taken apart when a rule asks. */
  written(): AlterWords
}

export interface AlterWords {
  /** `ALTER TABLE "users"` */
  readonly head: string
  /** `ADD COLUMN "name" text` */
  readonly text: string
  /** The other commands of the statement. */
  readonly others: readonly string[]
}

export function stepsOf(statement: FileStatement): Step[] {
  const { tree, inner, sql } = statement
  if (!inner) return tree ? stepsOfTree(statement, tree, sql) : []
  return inner.flatMap(each =>
    each.tree ? stepsOfTree(statement, each.tree, each.text.slice(each.start, each.end)) : [],
  )
}

function stepsOfTree(statement: FileStatement, tree: Node, sql: string): Step[] {
  const alter = as('AlterTableStmt', tree)
  const commands = all('AlterTableCmd', alter?.cmds)
  const [only] = commands
  if (!alter || !only) return [{ statement, tree, sql, alter: undefined }]
  if (commands.length === 1)
    return [
      { statement, tree, sql, alter: { command: only, written: once(() => wordsOf(splitAlter(sql), 0)) } },
    ]
  const words = splitAlter(sql)
  return commands.map((command, index) => ({
    statement,
    tree: { AlterTableStmt: { ...alter, cmds: [{ AlterTableCmd: command }] } satisfies AlterTableStmt },
    sql: `${words.head} ${words.commands[index]}`,
    alter: { command, written: () => wordsOf(words, index) },
  }))
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

function wordsOf({ head, commands }: AlterText, index: number): AlterWords {
  return { head, text: commands[index] ?? '', others: commands.filter((_, other) => other !== index) }
}
