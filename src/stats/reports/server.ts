import { allSettings } from '../../catalog/all-settings.ts'
import { extensionVersions } from '../../catalog/extension-versions.ts'
import { replicationStates } from '../../catalog/replication-state.ts'
import { walFigures } from '../../catalog/wal-io.ts'
import { quoted } from '../../database/identifier.ts'
import { columns, minor } from '../columns.ts'
import type { Note, StatsReport } from '../report.ts'
import { hidden } from '../rights.ts'

/** Sources of a setting that nobody chose. */
const NOT_CHOSEN = ['default', 'override']

/** The server around the database. */
export const serverReports: readonly StatsReport[] = [
  {
    name: 'replication',
    summary: 'how far standbys, slots and this server as a standby lag behind',
    reads: ['pg_stat_replication', 'pg_replication_slots', 'pg_stat_wal_receiver'],
    needs: 'pg_read_all_stats for the state of standbys',
    columns: [
      ...columns('kind', 'name', 'state', 'lagBytes', 'lagMs', 'active'),
      ...minor('sync', 'walStatus', 'inactiveSince', 'note'),
    ],
    ask: async ({ database, rights }) => {
      const rows = await replicationStates(database)
      const unseen = rows.filter(({ kind, state }) => kind === 'standby' && state === null).length
      return { rows, notes: hidden(rights.allStats, database, unseen, 'standby session') }
    },
  },
  {
    name: 'wal-io',
    summary: 'how much the server writes ahead, and what makes its checkpoints',
    reads: ['pg_stat_wal', 'pg_stat_io', 'pg_stat_checkpointer', 'pg_stat_bgwriter'],
    needs: null,
    identity: ['figure'],
    counters: ['value'],
    columns: [...columns('figure', 'value', 'unit', 'perSecond', 'since')],
    ask: async ({ database }) => ({ rows: await walFigures(database) }),
  },
  {
    name: 'settings',
    summary: 'the settings of new sessions and where they come from (--non-default: what somebody chose)',
    reads: ['pg_settings'],
    needs: 'pg_read_all_settings for a few of them',
    columns: [
      ...columns('name', 'value', 'unit', 'source', 'pendingRestart'),
      ...minor('usual', 'category', 'description'),
    ],
    ask: async ({ database, flags, rights }) => {
      const all = await allSettings(database)
      const rows = flags.nonDefault
        ? all.filter(({ source, pendingRestart }) => pendingRestart || !NOT_CHOSEN.includes(source))
        : all
      const pending = rows.filter(({ pendingRestart }) => pendingRestart).map(({ name }) => name)
      const { user } = database.identity
      const notes: Note[] = [
        ...(pending.length > 0
          ? [{ message: `Waiting for a restart: ${pending.join(', ')}.`, fix: 'Restart the server.' }]
          : []),
        ...(rights.allStats
          ? []
          : [
              {
                message: `Settings that the server keeps from ordinary roles such as ${user} are left out.`,
                fix: `GRANT pg_monitor TO ${quoted(user)};`,
              },
            ]),
      ]
      return { rows, notes }
    },
  },
  {
    name: 'extensions',
    summary: 'which extensions are installed, and which have a newer version at hand',
    reads: ['pg_extension', 'pg_available_extensions'],
    needs: null,
    columns: [...columns('name', 'schema', 'installed', 'offered', 'outdated'), ...minor('description')],
    ask: async ({ database }) => ({ rows: await extensionVersions(database) }),
  },
]
