import {
  type AnyColumn,
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  getTableName,
  is,
  normalizeRelation,
} from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import * as schema from '../../src/platform/schema/index.ts'

const tables = Object.values(schema).filter(value => is(value, PgTable))

const edge = (from: readonly AnyColumn[], to: readonly AnyColumn[]) =>
  [from, to].map(columns => columns.map(column => `${getTableName(column.table)}.${column.name}`)).join(' → ')

const foreignKeys = tables.flatMap(table => getTableConfig(table).foreignKeys).map(key => key.reference())

function declaredRelations() {
  const config = extractTablesRelationalConfig(schema, createTableRelationsHelpers)
  return Object.values(config.tables)
    .flatMap(table => Object.values(table.relations))
    .map(relation => normalizeRelation(config.tables, config.tableNamesMap, relation))
    .map(({ fields, references }) => edge(fields, references))
}

describe('the platform schema', () => {
  test('exports every table', () => {
    expect(tables.map(table => getTableName(table)).sort()).toEqual([
      'accounts',
      'agent_states',
      'artifacts',
      'audit_logs',
      'conversations',
      'deployment_history',
      'git_repositories',
      'messages',
      'nodes',
      'project_files',
      'projects',
      'sessions',
      'users',
      'verifications',
      'workspaces',
    ])
  })

  test('declares the relations of every foreign key, both ways', () => {
    const bothWays = foreignKeys.flatMap(({ columns, foreignColumns }) => [
      edge(columns, foreignColumns),
      edge(foreignColumns, columns),
    ])
    expect(declaredRelations().sort()).toEqual(bothWays.sort())
  })
})
