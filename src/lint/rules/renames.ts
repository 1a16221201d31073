import { quoted } from '../../database/identifier.ts'
import { as, rangeName } from '../../sql/tree.ts'
import { onStatement, type Rules } from '../rule.ts'
import { existing } from '../scene.ts'
import { allowed, rangeSql, together, typeSql } from '../sql.ts'

const RENAME = /\sRENAME\s/i

export const renameRules: Rules = {
  'rename-table': onStatement('RenameStmt', (rename, scene) => {
    if (rename.renameType !== 'OBJECT_TABLE' || !rename.relation) return []
    const table = existing(scene, rangeName(rename.relation))
    const old = rename.relation
    const hasView = scene.script.statements.some(
      ({ tree }) => as('ViewStmt', tree)?.view?.relname === old.relname,
    )
    if (!table || hasView) return []
    const renamed = rangeSql({
      ...(old.schemaname && { schemaname: old.schemaname }),
      relname: rename.newname ?? '',
    })
    return [
      {
        table,
        level: 'warning',
        message: `Programs that still run use the name ${table.name} and fail once it is gone. A view of the old name lets them read and write until they are replaced.`,
        fix: together(scene.step.sql, `CREATE VIEW ${rangeSql(old)} AS SELECT * FROM ${renamed}`),
      },
    ]
  }),

  'rename-column': onStatement('RenameStmt', (rename, scene) => {
    if (rename.renameType !== 'OBJECT_COLUMN' || rename.relationType !== 'OBJECT_TABLE' || !rename.relation)
      return []
    const table = existing(scene, rangeName(rename.relation))
    if (!table) return []
    const column = table.columns.get(rename.subname ?? '')
    const type = column && typeSql(column.type)
    return [
      {
        table,
        level: 'warning',
        message: `Programs that still run use the name ${rename.subname} of ${table.name} and fail once it is gone. Add ${rename.newname} beside it, write both, copy the old values in batches, and drop ${rename.subname} a release later.`,
        fix: type
          ? together(
              `ALTER TABLE ${rangeSql(rename.relation)} ADD COLUMN ${quoted(rename.newname ?? '')} ${type}`,
            )
          : allowed('rename-column', scene.step.sql),
      },
    ]
  }),

  'rename-schema': onStatement('RenameStmt', (rename, { step }) => {
    if (rename.renameType !== 'OBJECT_SCHEMA') return []
    return [
      {
        message: `Programs that still run use the name ${rename.subname} and fail once it is gone.`,
        fix: allowed('rename-schema', step.sql),
      },
    ]
  }),

  'rename-enum-value': onStatement('AlterEnumStmt', (alter, { step }) => {
    if (!alter.oldVal || !alter.newVal) return []
    const value = alter.newVal.replaceAll("'", "''")
    const before = step.sql.slice(0, step.sql.search(RENAME))
    return [
      {
        message: `Programs that still run write '${alter.oldVal}' and fail once it is gone. Add '${alter.newVal}' beside it, and change the rows over when nobody writes the old value any more.`,
        fix: together(`${before} ADD VALUE '${value}'`),
      },
    ]
  }),
}
