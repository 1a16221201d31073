import type { Node } from 'libpg-query'
import { all, as, nameOf, rangeName, words } from '../sql/tree.ts'

/** What a statement makes, as `judgeDrop` and `judgeAlter` look for it. */
export function madeBy(tree: Node | undefined): string[] {
  const placed = (kind: string, { schema = 'public', name }: { schema: string | undefined; name: string }) =>
    `${kind} ${schema}.${name}`
  const table = as('CreateStmt', tree)?.relation
  if (table) return [placed('table', rangeName(table))]
  const view = as('ViewStmt', tree)?.view ?? as('CreateTableAsStmt', tree)?.into?.rel
  if (view) return [placed('view', rangeName(view))]
  const type = as('CreateEnumStmt', tree)
  if (type) return [placed('type', nameOf(words(type.typeName)))]
  const sequence = as('CreateSeqStmt', tree)?.sequence
  if (sequence) return [placed('sequence', rangeName(sequence))]
  const index = as('IndexStmt', tree)
  if (index)
    return [
      `index ${index.idxname}`,
      placed('index', { schema: index.relation?.schemaname, name: index.idxname ?? '' }),
    ]
  const policy = as('CreatePolicyStmt', tree)
  if (policy) return [`policy ${policy.policy_name}`]
  const alter = as('AlterTableStmt', tree)
  if (!alter?.relation) return []
  const { schema = 'public', name } = rangeName(alter.relation)
  return all('AlterTableCmd', alter.cmds).flatMap(({ subtype, def }) => {
    if (subtype === 'AT_AddConstraint')
      return [`constraint ${schema}.${name}.${as('Constraint', def)?.conname}`]
    if (subtype === 'AT_AddColumn') return [`column ${schema}.${name}.${as('ColumnDef', def)?.colname}`]
    return []
  })
}
