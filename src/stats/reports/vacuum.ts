import { estimatedBloat, measuredBloat } from '../../catalog/bloat.ts'
import { extensionVersions } from '../../catalog/extension-versions.ts'
import { progressOfCommands } from '../../catalog/progress.ts'
import { vacuumStates } from '../../catalog/vacuum-state.ts'
import { wraparoundAges } from '../../catalog/wraparound.ts'
import { xminHolders } from '../../catalog/xmin-holders.ts'
import { quoted } from '../../database/identifier.ts'
import { OpsError } from '../../errors.ts'
import { barred, columns, minor } from '../columns.ts'
import type { Answer, Note, Question, StatsReport } from '../report.ts'
import { hidden } from '../rights.ts'

/** Whether VACUUM keeps up, and what keeps it from it. */
export const vacuumReports: readonly StatsReport[] = [
  {
    name: 'vacuum',
    summary: 'how far each table is from its next VACUUM and ANALYZE, and when the last ones were',
    reads: ['pg_stat_all_tables', 'pg_class'],
    needs: null,
    columns: [
      ...columns('schema', 'table', 'deadRows', 'deadTrigger', 'due', 'lastAutovacuum'),
      ...minor('rows', 'insertedRows', 'insertTrigger', 'changedRows', 'analyzeTrigger'),
      ...minor('lastVacuum', 'lastAnalyze', 'lastAutoanalyze', 'autovacuum', 'running'),
    ],
    ask: async ({ database, scope }) => {
      const rows = await vacuumStates(database, scope)
      const off = rows.filter(({ autovacuum }) => !autovacuum).length
      const notes: Note[] =
        off > 0 ? [{ message: `Autovacuum is off for ${off} of ${rows.length} tables.`, fix: null }] : []
      return { rows, notes }
    },
  },
  {
    name: 'progress',
    summary: 'how far VACUUM, ANALYZE, CREATE INDEX, CLUSTER, COPY and base backups have got',
    reads: ['pg_stat_progress_*'],
    needs: 'pg_read_all_stats for the commands of other roles',
    columns: [
      ...columns('command', 'pid', 'schema', 'table', 'phase'),
      ...barred('ratio'),
      ...columns('leftMs'),
      ...minor('runningMs', 'done', 'total', 'unit'),
    ],
    ask: async ({ database, rights }) => {
      const rows = await progressOfCommands(database)
      const unseen = rows.filter(({ phase }) => phase === null).length
      return { rows, notes: hidden(rights.allStats, database, unseen, 'command') }
    },
  },
  {
    name: 'xmin',
    summary: 'what keeps VACUUM from removing dead rows',
    reads: ['pg_stat_activity', 'pg_replication_slots', 'pg_stat_replication', 'pg_prepared_xacts'],
    needs: 'pg_read_all_stats for sessions of other roles and standbys',
    columns: [...columns('kind', 'holder'), ...barred('xidAge'), ...columns('ageMs')],
    ask: async ({ database, rights }) => ({
      rows: await xminHolders(database),
      notes: rights.allStats ? [] : [unseen(database.identity.user)],
    }),
  },
  {
    name: 'wraparound',
    summary: 'how far databases and tables are from running out of transaction ids',
    reads: ['pg_database', 'pg_class'],
    needs: null,
    columns: [
      ...columns('kind', 'schema', 'name', 'xidAge', 'multixactAge'),
      ...barred('failsafeRatio'),
      ...minor('freezeRatio', 'freezeMaxAge', 'failsafeAge'),
    ],
    ask: async ({ database, scope }) => ({
      rows: (await wraparoundAges(database, scope)).map(age => ({
        ...age,
        freezeRatio: Math.max(age.xidAge, age.multixactAge) / age.freezeMaxAge,
        failsafeRatio: Math.max(age.xidAge, age.multixactAge) / age.failsafeAge,
      })),
    }),
  },
  {
    name: 'bloat',
    summary: 'how much room tables take beyond what their rows need: an estimate (--exact measures)',
    reads: ['pg_class', 'pg_stats'],
    needs: 'SELECT on the tables; the extension pgstattuple and pg_stat_scan_tables for --exact',
    size: 'bytes',
    columns: [
      ...columns('schema', 'table', 'bytes'),
      ...barred('bloatBytes'),
      ...columns('bloatRatio', 'reliable'),
      ...minor('expectedBytes'),
    ],
    ask: question => (question.flags.exact ? measured(question) : estimated(question)),
  },
]

function unseen(user: string): Note {
  return {
    message: `Sessions of other roles and standbys may be missing: ${user} does not see them.`,
    fix: `GRANT pg_monitor TO ${quoted(user)};`,
  }
}

async function estimated({ database, scope, rights }: Question): Promise<Answer> {
  const rows = await estimatedBloat(database, scope)
  const unknown = rows.filter(({ expectedBytes }) => expectedBytes === null).length
  const grantee = quoted(database.identity.user)
  if (unknown === 0) return { rows }
  return {
    rows,
    notes: [
      {
        message: `Of ${unknown} of ${rows.length} tables no statistics are to be seen.`,
        fix: rights.allData ? 'ANALYZE;' : `GRANT pg_read_all_data TO ${grantee};`,
      },
    ],
  }
}

async function measured(question: Question): Promise<Answer> {
  const { database, scope } = question
  const extension = (await extensionVersions(database)).find(({ name }) => name === 'pgstattuple')
  if (!extension)
    return fallenBack(
      question,
      'The extension pgstattuple is not in this database',
      'CREATE EXTENSION pgstattuple;',
    )
  try {
    return { rows: await measuredBloat(database, scope, extension.schema) }
  } catch (error) {
    if (!(error instanceof OpsError) || error.sqlstate !== '42501') throw error
    const { user } = database.identity
    const grant = `GRANT pg_stat_scan_tables TO ${quoted(user)};`
    return fallenBack(question, `${user} may not call pgstattuple_approx`, grant)
  }
}

async function fallenBack(question: Question, why: string, fix: string): Promise<Answer> {
  const { rows, notes = [] } = await estimated(question)
  return { rows, notes: [{ message: `${why}: these are estimates.`, fix }, ...notes] }
}
