import type { AlterTableCmd, AlterTableStmt, Node } from 'libpg-query'
import { all, as } from '../sql/tree.ts'
import { splitAlter } from './commands.ts'
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
  if (!alter) return [{ statement, tree, sql, alter: undefined }]
  const { head, commands: texts } = splitAlter(sql)
  return commands.map((command, index) => {
    const text = texts[index] ?? ''
    return {
      statement,
      tree: { AlterTableStmt: { ...alter, cmds: [{ AlterTableCmd: command }] } satisfies AlterTableStmt },
      sql: `${head} ${text}`,
      alter: { command, head, text, others: texts.filter((_, other) => other !== index) },
    }
  })
}
