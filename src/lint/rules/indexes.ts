import type { IndexStmt } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import { findRelation, type Relation } from '../../sql/relations.ts'
import { all, as, nameOf, rangeName, wordsOf } from '../../sql/tree.ts'
import { onStatement, type Rules } from '../rule.ts'
import { existing, type Scene } from '../scene.ts'
import { allowed, apart, nameFor, rangeSql, relationSql } from '../sql.ts'

const CREATE_INDEX = /^CREATE(\s+UNIQUE)?\s+INDEX\b(?:\s+CONCURRENTLY\b)?/i
const REINDEX = /^(REINDEX(?:\s*\([^)]*\))?\s+(?:INDEX|TABLE|SCHEMA|DATABASE))\b/i

const ON = /\sON\s/i
const ON_TABLE = /^\sON\s+(?:ONLY\s+)?(?:(?:"[^"]*"|[\w$]+)\.)?(?:"[^"]*"|[\w$]+)/i

export const indexRules: Rules = {
  'index-not-concurrent': onStatement('IndexStmt', (index, scene) => {
    const table = index.relation && existing(scene, rangeName(index.relation))
    if (!table || index.concurrent) return []
    // ON ONLY a partitioned table builds nothing
    if (table.kind === 'partitioned table' && !index.relation?.inh) return []
    return [
      {
        table,
        message: `CREATE INDEX keeps everybody from writing to ${table.name} until the index is built.`,
        fix:
          table.kind === 'partitioned table'
            ? onPartitions(scene, index, table)
            : apart(scene.step.sql.replace(CREATE_INDEX, 'CREATE$1 INDEX CONCURRENTLY')),
      },
    ]
  }),

  'concurrently-on-partitioned': onStatement('IndexStmt', (index, scene) => {
    const table = index.relation && findRelation(scene.ground.relations, rangeName(index.relation))
    if (!index.concurrent || table?.kind !== 'partitioned table') return []
    return [
      {
        table,
        level: 'error',
        message: `${table.name} is partitioned, and PostgreSQL builds no index on all partitions CONCURRENTLY: the statement fails.`,
        fix: onPartitions(scene, index, table),
      },
    ]
  }),

  'drop-index-not-concurrent': onStatement('DropStmt', (drop, scene) => {
    if (drop.removeType !== 'OBJECT_INDEX' || drop.concurrent) return []
    const names = (drop.objects ?? []).map(object => nameOf(wordsOf(object)))
    const indexes = names.map(name => findRelation(scene.ground.relations, name))
    const harmful = indexes.filter(index => index?.table?.oid !== undefined)
    const isUnknown = indexes.some((index, at) => index === undefined && names[at] !== undefined)
    if (harmful.length === 0 && !(isUnknown && !drop.missing_ok)) return []
    const missing = drop.missing_ok ? 'IF EXISTS ' : ''
    const statements = names.map(
      ({ schema, name }) =>
        `DROP INDEX CONCURRENTLY ${missing}${schema ? quoted(schema, name) : quoted(name)}`,
    )
    const plain =
      indexes.every(index => index?.kind !== 'partitioned index') && drop.behavior !== 'DROP_CASCADE'
    return [
      {
        table: harmful[0]?.table,
        message:
          'DROP INDEX locks the table for readers and writers: it waits for every running query, and all others queue behind it.',
        fix: plain ? apart(...statements) : allowed('drop-index-not-concurrent', scene.step.sql),
      },
    ]
  }),

  'reindex-not-concurrent': onStatement('ReindexStmt', (reindex, scene) => {
    if (all('DefElem', reindex.params).some(({ defname }) => defname === 'concurrently')) return []
    const named = reindex.relation && existing(scene, rangeName(reindex.relation))
    if (reindex.relation && !named) return []
    const table = named?.table ?? named
    return [
      {
        ...(table && { table }),
        message: `REINDEX keeps everybody from writing to ${table?.name ?? 'each table'}, and from reading through the index, until it is built anew.`,
        fix:
          reindex.kind === 'REINDEX_OBJECT_SYSTEM'
            ? allowed('reindex-not-concurrent', scene.step.sql)
            : apart(scene.step.sql.replace(REINDEX, '$1 CONCURRENTLY')),
      },
    ]
  }),

  'concurrently-in-transaction': {
    subjects: ['IndexStmt', 'DropStmt', 'VacuumStmt', 'ReindexStmt', 'AT_DetachPartition'],
    before: ({ step, script }) => {
      if (script.asked || script.mode === 'own') return []
      const what = refusal(step.tree)
      if (!what) return []
      return [
        {
          message: `PostgreSQL refuses ${what} in a transaction, and drizzle-kit migrate runs every file in one: there it fails. drizzle-ops runs the file without one; the first line says so.`,
          fix: apart(step.sql),
        },
      ]
    },
  },
}

function refusal(tree: Scene['step']['tree']): string | undefined {
  if (as('IndexStmt', tree)?.concurrent) return 'CREATE INDEX CONCURRENTLY'
  if (as('DropStmt', tree)?.concurrent) return 'DROP INDEX CONCURRENTLY'
  if (as('VacuumStmt', tree)?.is_vacuumcmd) return 'VACUUM'
  const options = all('DefElem', as('ReindexStmt', tree)?.params)
  if (options.some(({ defname }) => defname === 'concurrently')) return 'REINDEX CONCURRENTLY'
  const [command] = all('AlterTableCmd', as('AlterTableStmt', tree)?.cmds)
  return as('PartitionCmd', command?.def)?.concurrent ? 'DETACH PARTITION CONCURRENTLY' : undefined
}

/** The index on the parent alone, then on each partition, then put together. */
function onPartitions({ step }: Scene, index: IndexStmt, table: Relation): string {
  const name = index.idxname
  const partitions = [...table.children]
  const written = index.relation && rangeSql(index.relation)
  const on = step.sql.search(ON)
  if (!name || !written || on < 0 || partitions.some(({ kind }) => kind !== 'table'))
    return allowed('index-not-concurrent', step.sql)
  const unique = index.unique ? 'UNIQUE ' : ''
  const columns = step.sql.slice(on).replace(ON_TABLE, '')
  const parent = table.schema === 'public' ? quoted(name) : quoted(table.schema, name)
  return apart(
    `CREATE ${unique}INDEX ${quoted(name)} ON ONLY ${written}${columns}`,
    ...partitions.flatMap(partition => {
      const part = nameFor(partition.name, name)
      return [
        `CREATE ${unique}INDEX CONCURRENTLY ${quoted(part)} ON ${relationSql(partition)}${columns}`,
        `ALTER INDEX ${parent} ATTACH PARTITION ${relationSql({ schema: partition.schema, name: part })}`,
      ]
    }),
  )
}
