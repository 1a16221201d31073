import type { DropStmt } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import { findRelation, type Relation } from '../../sql/relations.ts'
import { all, as, nameOf, rangeName, wordsOf } from '../../sql/tree.ts'
import { onStatement, type Rules } from '../rule.ts'
import { existing, type Problem, type Scene } from '../scene.ts'
import { allowed, relationSql, together } from '../sql.ts'

const CASCADE = /\s+CASCADE\s*$/i

export const dropRules: Rules = {
  'drop-table': onStatement('DropStmt', (drop, scene) =>
    droppedTables(drop, scene).map(table => ({
      table,
      message: `Programs that still run use ${table.name} and fail once it is gone; its rows are gone for ever. Drop it a release after the schema has stopped naming it.`,
      fix: allowed('drop-table', scene.step.sql),
    })),
  ),

  'drop-schema': onStatement('DropStmt', ({ removeType, objects = [] }, scene) => {
    if (removeType !== 'OBJECT_SCHEMA') return []
    return objects.flatMap(object => {
      const schema = as('String', object)?.sval ?? ''
      const inside = [...scene.ground.relations.byName.values()].filter(
        each => each.schema === schema && each.kind === 'table',
      )
      if (inside.length > 0 && inside.every(({ oid }) => oid === undefined)) return []
      return {
        message: `All that is in the schema ${schema} is gone for ever.`,
        fix: allowed('drop-schema', scene.step.sql),
      }
    })
  }),

  'drop-database': onStatement('DropdbStmt', (_, { step }) => [
    {
      message: 'A migration that drops a database drops it wherever it is run.',
      fix: allowed('drop-database', step.sql),
    },
  ]),

  'drop-cascade': onStatement('DropStmt', (drop, scene) => {
    if (drop.behavior !== 'DROP_CASCADE') return []
    const plain = scene.step.sql.replace(CASCADE, '')
    if (drop.removeType !== 'OBJECT_TABLE') return cascadeElsewhere(scene, drop, plain)
    const tables = droppedTables(drop, scene)
    const dependents = tables.flatMap(table => dependentsOf(table, tables))
    if (dependents.length === 0) return []
    return [
      {
        message: `CASCADE takes along what the statement does not name: ${dependents.map(({ what }) => what).join(', ')}.`,
        fix: together(...dependents.map(({ sql }) => sql)).concat(
          '\n--> statement-breakpoint\n',
          allowed('drop-table', plain),
        ),
      },
    ]
  }),

  truncate: onStatement('TruncateStmt', (truncate, scene) => {
    const tables = all('RangeVar', truncate.relations).flatMap(
      range => existing(scene, rangeName(range)) ?? [],
    )
    if (tables.length === 0) return []
    const others = tables.flatMap(({ referencedBy }) => [...referencedBy].map(({ table }) => table))
    const also = [...new Set(others)].filter(table => !tables.includes(table)).map(({ name }) => name)
    const cascade = truncate.behavior === 'DROP_CASCADE' && also.length > 0
    return [
      {
        table: tables[0],
        message: `TRUNCATE deletes every row of ${tables.map(({ name }) => name).join(', ')} for ever${cascade ? `, and CASCADE those of ${also.join(', ')} and of all that refer to them` : ''}, and nobody else can read it until the file commits.`,
        fix: allowed('truncate', scene.step.sql),
      },
    ]
  }),
}

function droppedTables({ removeType, objects = [] }: DropStmt, scene: Scene): Relation[] {
  if (removeType !== 'OBJECT_TABLE' && removeType !== 'OBJECT_MATVIEW') return []
  return objects.flatMap(object => existing(scene, nameOf(wordsOf(object))) ?? [])
}

interface Dependent {
  readonly what: string
  /** The statement that lets go of it. */
  readonly sql: string
}

function dependentsOf(table: Relation, going: readonly Relation[]): Dependent[] {
  const keys = [...table.referencedBy].filter(key => !going.includes(key.table))
  const views = [...new Set([...table.usedBy].map(({ user }) => user))].filter(({ kind }) =>
    kind.endsWith('view'),
  )
  return [
    ...keys.map(key => ({
      what: `the foreign key ${key.name} of ${key.table.name}`,
      sql: `ALTER TABLE ${relationSql(key.table)} DROP CONSTRAINT ${quoted(key.name)}`,
    })),
    ...views.map(view => ({
      what: `the ${view.kind} ${view.name}`,
      sql: `DROP ${view.kind.toUpperCase()} ${relationSql(view)}`,
    })),
  ]
}

/** What hangs from a type, a function or a view is not looked up. */
function cascadeElsewhere(
  scene: Scene,
  { objects = [], removeType }: DropStmt,
  plain: string,
): readonly Problem[] {
  const isNew = objects.every(object => {
    const relation = findRelation(scene.ground.relations, nameOf(wordsOf(object)))
    return relation !== undefined && relation.oid === undefined
  })
  if (removeType === 'OBJECT_SCHEMA' || isNew) return []
  return [
    {
      message:
        'CASCADE takes along whatever depends on it, without a word. Without CASCADE the statement fails and names what is in the way.',
      fix: `${plain};`,
    },
  ]
}
