import { constraintIssues } from '../catalog/constraint-issues.ts'
import { ORDINARY } from '../catalog/scope.ts'
import { unidentifiedTables } from '../catalog/unidentified-tables.ts'
import { unloggedTables } from '../catalog/unlogged-tables.ts'
import type { Database } from '../database/database.ts'
import { quoted } from '../database/identifier.ts'
import { type Check, finding, orOk } from './check.ts'

const issues = (database: Database) => constraintIssues(database, ORDINARY)

/** NOT ENFORCED (PostgreSQL 18) is not valid by intent, and a note. */
export const notValidConstraints: Check = {
  id: 'not-valid-constraints',
  async run(subject) {
    const found = (await subject.once(issues)).filter(
      ({ issue }) => issue === 'not valid' || issue === 'not enforced',
    )
    return orOk(
      found.map(issue => {
        const { schema, table, constraint, detail } = issue
        const enforced = issue.issue === 'not valid'
        return finding(
          enforced ? 'warn' : 'ok',
          enforced
            ? `The ${detail} constraint ${constraint} of ${schema}.${table} is not valid: rows from before it may break it.`
            : `The ${detail} constraint ${constraint} of ${schema}.${table} is not enforced, as it says.`,
          {
            object: `${schema}.${table}.${constraint}`,
            fix: enforced
              ? `ALTER TABLE ${quoted(schema, table)} VALIDATE CONSTRAINT ${quoted(constraint ?? '')};`
              : null,
            evidence: [issue],
          },
        )
      }),
      'Every constraint holds for every row.',
    )
  },
}

export const primaryKeys: Check = {
  id: 'primary-keys',
  async run(subject) {
    const published = await unidentifiedTables(subject.database)
    const keyless = (await subject.once(issues)).filter(({ issue }) => issue === 'no primary key')
    return orOk(
      keyless.map(({ schema, table }) => {
        const sent = published.find(other => other.schema === schema && other.table === table)
        return finding(
          sent ? 'critical' : 'warn',
          sent
            ? `${schema}.${table} has no primary key and is published by ${sent.publications.join(', ')}: its updates and deletes fail.`
            : `${schema}.${table} has no primary key: a row cannot be told from its double, nor replicated.`,
          {
            object: `${schema}.${table}`,
            fix: `ALTER TABLE ${quoted(schema, table)} ADD PRIMARY KEY (…);`,
            evidence: sent ? [sent] : [],
            remedy: {
              schema,
              table,
              change: () =>
                'Add .primaryKey() to a column, or primaryKey({ columns: [table.…] }) to the table.',
            },
          },
        )
      }),
      'Every table has a primary key.',
    )
  },
}

export const unloggedTablesCheck: Check = {
  id: 'unlogged-tables',
  async run({ database }) {
    const found = await unloggedTables(database)
    return orOk(
      found.map(({ schema, name }) =>
        finding(
          'warn',
          `${schema}.${name} is unlogged: a crash empties it, and no standby or backup has it.`,
          {
            object: `${schema}.${name}`,
            fix: `ALTER TABLE ${quoted(schema, name)} SET LOGGED;`,
          },
        ),
      ),
      'No table is unlogged.',
    )
  },
}
