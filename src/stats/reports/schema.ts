import { constraintIssues } from '../../catalog/constraint-issues.ts'
import { quoted } from '../../database/identifier.ts'
import { barred, columns, minor } from '../columns.ts'
import type { Note, StatsReport } from '../report.ts'
import { sequenceReport } from '../sequences.ts'

/** What the schema promises. */
export const schemaReports: readonly StatsReport[] = [
  {
    name: 'sequences',
    summary: 'how much of each sequence is used up, and which lag behind their column',
    reads: ['pg_sequence', 'the sequences', 'the columns that own them'],
    needs: 'SELECT on the sequences and their columns',
    columns: [
      ...columns('schema', 'sequence', 'column'),
      ...barred('usedRatio'),
      ...columns('last', 'behind'),
      ...minor('ceiling', 'headroom', 'furthest', 'type', 'table', 'cycles', 'readable'),
    ],
    ask: async ({ database, scope }) => {
      const rows = await sequenceReport(database, scope)
      const notes: Note[] = []
      const { user } = database.identity
      const closed = rows.filter(({ readable }) => !readable)
      if (closed.length > 0) {
        const schemas = [...new Set(closed.map(({ schema }) => quoted(schema)))]
        notes.push({
          message: `${closed.length} of ${rows.length} sequences cannot be read by ${user}.`,
          fix: `GRANT USAGE ON SCHEMA ${schemas.join(', ')} TO ${quoted(user)}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${schemas.join(', ')} TO ${quoted(user)};`,
        })
      }
      const uncompared = rows.filter(({ readable, uncompared }) => readable && uncompared).length
      if (uncompared > 0)
        notes.push({
          message: `Of ${uncompared} sequences the column was not looked at: it is locked, without an index, or not ${user}'s to read.`,
          fix: null,
        })
      for (const { behind, setval } of rows)
        if (behind)
          notes.push({ message: 'The next INSERT fails: the sequence is behind its column.', fix: setval })
      return { rows, notes }
    },
  },
  {
    name: 'constraints',
    summary:
      'which constraints are not valid or not enforced, which keys differ in type, which tables have no key',
    reads: ['pg_constraint', 'pg_class'],
    needs: null,
    columns: [...columns('schema', 'table', 'issue', 'constraint', 'detail')],
    ask: async ({ database, scope }) => ({ rows: await constraintIssues(database, scope) }),
  },
]
