import type { AlterObjectSchemaStmt, RenameStmt } from 'libpg-query'
import { wordsOf } from '../sql/tree.ts'
import { columnOriginally, type Judging, originally, refOfRange, shown, tell } from './judging.ts'

const HARMLESS_RENAMES = ['OBJECT_INDEX', 'OBJECT_TABCONSTRAINT', 'OBJECT_POLICY', 'OBJECT_TRIGGER']

export function judgeRename(
  judging: Judging,
  { renameType = 'OBJECT_TABLE', relation, subname, newname = '', object }: RenameStmt,
): void {
  const { renamed } = judging
  const table = relation && refOfRange(relation)
  const before = subname ?? table?.table ?? wordsOf(object).at(-1) ?? ''
  if (!HARMLESS_RENAMES.includes(renameType))
    tell(judging, `queries that say ${before} fail`, 'breaks-clients')
  if (table && renameType === 'OBJECT_TABLE')
    renamed.tables.set(shown({ ...table, table: newname }), originally(renamed, table))
  if (table && renameType === 'OBJECT_COLUMN')
    renamed.columns.set(`${shown(table)}.${newname}`, columnOriginally(renamed, table, before))
  if (renameType === 'OBJECT_SCHEMA')
    for (const { kind, schema, name } of judging.plan.live)
      if (kind === 'tables' && schema === newname)
        renamed.tables.set(shown({ schema, table: name }), { schema: before, table: name })
}

export function judgeMove(judging: Judging, { relation, newschema = '' }: AlterObjectSchemaStmt): void {
  tell(judging, 'queries that look for it in its old schema fail', 'breaks-clients')
  const table = relation && refOfRange(relation)
  if (table)
    judging.renamed.tables.set(shown({ ...table, schema: newschema }), originally(judging.renamed, table))
}
