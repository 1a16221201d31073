import type { Node, RangeVar } from 'libpg-query'
import { addRelation } from '../sql/change.ts'
import { NOWHERE } from '../sql/draft.ts'
import { findRelation, newRelation, schemaFor } from '../sql/relations.ts'
import { all, as, type Body, type Kind, kindOf, nameOf, rangeName, wordsOf } from '../sql/tree.ts'
import type { Ground } from './ground.ts'
import type { Step } from './steps.ts'

/** Puts tables there that the file takes for granted and no file before it has made. */
export function introduce({ tree }: Step, { complete, relations }: Ground): void {
  if (complete) return
  for (const range of takenForGranted(tree)) {
    const name = rangeName(range)
    if (findRelation(relations, name)) continue
    const schema = schemaFor(relations, name)
    addRelation(relations, newRelation({ oid: NOWHERE, kind: 'table', schema, name: name.name }))
  }
}

type Named = readonly (RangeVar | undefined)[]

/** The tables without which a statement fails. */
const NAMED: { readonly [K in Kind]?: (body: Body<K>) => Named } = {
  AlterTableStmt: ({ objtype, missing_ok, relation, cmds }) => {
    const [command] = all('AlterTableCmd', cmds)
    return [
      objtype === 'OBJECT_TABLE' && !missing_ok ? relation : undefined,
      as('Constraint', command?.def)?.pktable,
    ]
  },
  IndexStmt: ({ relation }) => [relation],
  RenameStmt: ({ renameType, relationType, relation }) =>
    renameType === 'OBJECT_TABLE' || relationType === 'OBJECT_TABLE' ? [relation] : [],
  DropStmt: ({ removeType, missing_ok, objects = [] }) =>
    removeType === 'OBJECT_TABLE' && !missing_ok ? objects.map(rangeOf) : [],
  UpdateStmt: ({ relation }) => [relation],
  DeleteStmt: ({ relation }) => [relation],
  InsertStmt: ({ relation }) => [relation],
  TruncateStmt: ({ relations }) => all('RangeVar', relations),
}

function takenForGranted(tree: Node): RangeVar[] {
  const kind = kindOf(tree)
  const named = NAMED[kind] as ((body: object) => Named) | undefined
  return (named?.(as(kind, tree) ?? {}) ?? []).filter(range => range !== undefined)
}

function rangeOf(object: Node): RangeVar {
  const { schema, name } = nameOf(wordsOf(object))
  return { relname: name, ...(schema !== undefined && { schemaname: schema }) }
}
