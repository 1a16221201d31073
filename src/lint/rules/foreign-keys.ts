import type { Node } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import { columnsOf, placedConstraints } from '../../sql/effects/create-table.ts'
import { findRelation, type Relation, type Relations } from '../../sql/relations.ts'
import { all, as, rangeName } from '../../sql/tree.ts'
import type { Judged } from '../finding.ts'
import type { Ground } from '../ground.ts'
import type { LintScript } from '../script.ts'
import { apart, columnList, nameFor, relationSql, together } from '../sql.ts'

const REFERENCES = /\bREFERENCES\b/i

/** The foreign keys of a file that no index serves, once all of it has run. */
export function keyProblems({ statements }: LintScript, { relations, levels }: Ground): Judged[] {
  const level = levels('foreign-key-without-index', undefined)
  if (!level) return []
  return statements.flatMap(statement => {
    const { inner = [statement], sql, line } = statement
    if (!REFERENCES.test(sql)) return []
    return inner.flatMap(({ tree }) =>
      unindexedKeys(tree, sql, relations).map(
        (problem): Judged => ({ rule: 'foreign-key-without-index', level, ...problem, statement, line }),
      ),
    )
  })
}

function unindexedKeys(
  tree: Node | undefined,
  sql: string,
  relations: Relations,
): Pick<Judged, 'message' | 'fix'>[] {
  const { table, columns: added } = addedKeys(tree, relations)
  if (!table) return []
  return [...table.constraints]
    .filter(({ kind, columns }) => kind === 'foreign' && added.includes(columns.join()))
    .filter(({ columns }) => ![...table.indexes].some(({ needs }) => begins(needs, columns)))
    .map(({ columns, references }) => {
      const index = `${quoted(nameFor(table.name, ...columns, 'idx'))} ON ${relationSql(table)} ${columnList(columns)}`
      return {
        message: `No index of ${table.name} begins with ${columns.join(', ')}, so each DELETE from ${references?.name}, and each change of its key, reads all of ${table.name}.`,
        fix:
          table.oid === undefined
            ? together(sql, `CREATE INDEX ${index}`)
            : apart(`CREATE INDEX CONCURRENTLY ${index}`),
      }
    })
}

/** The foreign keys that a statement adds, by their columns joined. */
function addedKeys(
  tree: Node | undefined,
  relations: Relations,
): { readonly table: Relation | undefined; readonly columns: readonly string[] } {
  const create = as('CreateStmt', tree)
  const alter = as('AlterTableStmt', tree)
  const range = create?.relation ?? alter?.relation
  const parts = [
    ...(create?.tableElts ?? []),
    ...all('AlterTableCmd', alter?.cmds).flatMap(({ subtype, def }) =>
      def && (subtype === 'AT_AddColumn' || subtype === 'AT_AddConstraint') ? def : [],
    ),
  ]
  const placed = [
    ...all('ColumnDef', parts).flatMap(placedConstraints),
    ...all('Constraint', parts).map(constraint => ({ constraint, columns: columnsOf(constraint) })),
  ].filter(({ constraint }) => constraint.contype === 'CONSTR_FOREIGN')
  return {
    table: range && placed.length > 0 ? findRelation(relations, rangeName(range)) : undefined,
    columns: placed.map(({ columns }) => columns.join()),
  }
}

/** In whatever order: PostgreSQL asks for all of them. */
function begins(needs: readonly string[], columns: readonly string[]): boolean {
  const first = needs.slice(0, columns.length)
  return columns.every(column => first.includes(column))
}
