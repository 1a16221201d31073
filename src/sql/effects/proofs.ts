import type { Node } from 'libpg-query'
import type { CheckRow } from '../../catalog/columns.ts'
import type { Parser } from '../parse.ts'
import type { Relations } from '../relations.ts'
import { all, as, words } from '../tree.ts'

/** The columns that a check forbids to be null: `a IS NOT NULL`, alone or joined by AND. */
export function provesNotNull(expression: Node | undefined): string[] {
  const both = as('BoolExpr', expression)
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).flatMap(provesNotNull)
  const test = as('NullTest', expression)
  if (test?.nulltesttype !== 'IS_NOT_NULL') return []
  return words(as('ColumnRef', test.arg)?.fields).slice(-1)
}

/** Reads what the live checks prove. */
export function proveChecks(relations: Relations, checks: readonly CheckRow[], parser: Parser): void {
  const definitions = new Map(checks.map(({ table, name, definition }) => [`${table} ${name}`, definition]))
  for (const { oid, constraints } of relations.byName.values()) {
    for (const constraint of constraints) {
      const definition = definitions.get(`${oid} ${constraint.name}`)
      if (definition) constraint.proves = provesNotNull(expressionOf(definition, parser))
    }
  }
}

function expressionOf(definition: string, parser: Parser): Node | undefined {
  const [statement] = parser.parse(`ALTER TABLE t ADD ${definition}`)
  const [command] = all('AlterTableCmd', as('AlterTableStmt', statement?.tree)?.cmds)
  return as('Constraint', command?.def)?.raw_expr
}
