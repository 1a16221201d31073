import type { CommandEntry } from '../command.ts'
import { platformEntries } from './platform.ts'

/** What stands before the second word of commands that have two, where it is no command by itself. */
export const groups: Readonly<Record<string, string>> = {
  archive: 'look into what export has written',
  project: 'list, show, create, change, export, import',
  user: 'list, show, create, delete, restore',
  session: 'list, revoke, purge',
  workspace: 'list, show',
}

interface Section {
  readonly heading: string
  readonly entries: readonly CommandEntry[]
}

/**
 * Every subcommand under the headings of `--help`, which shows 46 characters of a summary on a line. A new command is
 * its file and its line here.
 */
export const sections: readonly Section[] = [
  {
    heading: 'Migrations:',
    entries: [
      {
        name: 'migrate',
        summary: 'apply pending migrations, under a lock',
        load: async () => (await import('./migrate.ts')).migrate,
      },
      {
        name: 'status',
        summary: 'where the database stands; never writes',
        load: async () => (await import('./status.ts')).status,
      },
      {
        name: 'generate',
        summary: 'write the next migration, and verify it',
        load: async () => (await import('./generate.ts')).generate,
      },
      {
        name: 'lint',
        summary: 'find dangerous statements in migrations',
        load: async () => (await import('./lint.ts')).lint,
      },
      {
        name: 'drift',
        summary: 'compare code, migrations and the database',
        load: async () => (await import('./drift.ts')).drift,
      },
      {
        name: 'push',
        summary: 'the schema to the database, hazards named',
        load: async () => (await import('./push.ts')).push,
      },
      {
        name: 'rollback',
        summary: 'revert the newest migrations',
        load: async () => (await import('./rollback.ts')).rollback,
      },
      {
        name: 'baseline',
        summary: 'adopt a database: record, do not run',
        load: async () => (await import('./baseline.ts')).baseline,
      },
      {
        name: 'repair',
        summary: 'mend a history that does not fit the files',
        load: async () => (await import('./repair.ts')).repair,
      },
      {
        name: 'reset',
        summary: 'drop what the migrations made, migrate again',
        load: async () => (await import('./reset.ts')).reset,
      },
    ],
  },
  {
    heading: 'Database:',
    entries: [
      {
        name: 'health',
        summary: 'a verdict for people, probes and cron',
        load: async () => (await import('./health.ts')).health,
      },
      {
        name: 'stats',
        summary: 'reports on tables, queries, locks and more',
        load: async () => (await import('./stats.ts')).stats,
      },
      {
        name: 'stats list',
        summary: 'what each report answers, reads and needs',
        load: async () => (await import('./stats-list.ts')).statsList,
      },
      {
        name: 'stats snapshot',
        summary: 'write down what tables, indexes, sequences and statements have come to',
        load: async () => (await import('./stats-snapshot.ts')).statsSnapshot,
      },
      {
        name: 'stats diff',
        summary: 'what has grown between two snapshots, or since one, and when it reaches its limits',
        load: async () => (await import('./stats-diff.ts')).statsDiff,
      },
      {
        name: 'stats erd',
        summary: 'tables and foreign keys as a diagram, for mermaid or dot',
        load: async () => (await import('./stats-erd.ts')).statsErd,
      },
      {
        name: 'cancel',
        summary: 'cancel what a session runs, or end it',
        load: async () => (await import('./cancel.ts')).cancel,
      },
      {
        name: 'wait',
        summary: 'wait until the database answers a query',
        load: async () => (await import('./wait.ts')).wait,
      },
    ],
  },
  {
    heading: 'Data:',
    entries: [
      {
        name: 'seed',
        summary: 'fill tables with rows that fit',
        load: async () => (await import('./seed.ts')).seed,
      },
      {
        name: 'cleanup',
        summary: 'delete what has expired, in batches',
        load: async () => (await import('./cleanup.ts')).cleanup,
      },
      {
        name: 'cleanup list',
        summary: 'the policies of ops.cleanup, and suggestions for more',
        load: async () => (await import('./cleanup-list.ts')).cleanupList,
      },
      {
        name: 'cleanup schedule',
        summary: 'the text that runs cleanup every night',
        load: async () => (await import('./cleanup-schedule.ts')).cleanupSchedule,
      },
      {
        name: 'export',
        summary: 'write a row, and all that hangs from it',
        load: async () => (await import('./export.ts')).exportArchive,
      },
      {
        name: 'import',
        summary: 'bring an archive in, all of it or nothing',
        load: async () => (await import('./import.ts')).importCommand,
      },
      {
        name: 'archive inspect',
        summary: 'what an archive holds; needs no database',
        load: async () => (await import('./archive-inspect.ts')).archiveInspect,
      },
      {
        name: 'archive verify',
        summary: 'whether every byte of an archive is as it was written; needs no database',
        load: async () => (await import('./archive-verify.ts')).archiveVerify,
      },
    ],
  },
  {
    heading: 'Set-up:',
    entries: [
      {
        name: 'doctor',
        summary: 'configuration found, versions, what is missing',
        load: async () => (await import('./doctor.ts')).doctor,
      },
      {
        name: 'init',
        summary: 'add an ops export, or write CI and cron files',
        load: async () => (await import('./init.ts')).init,
      },
      {
        name: 'dev',
        summary: 'run the embedded PostgreSQL server',
        load: async () => (await import('./dev.ts')).dev,
      },
      {
        name: 'studio',
        summary: 'run drizzle-kit studio, on this machine only',
        load: async () => (await import('./studio.ts')).studio,
      },
      {
        name: 'completion',
        summary: 'print the completion script of a shell',
        load: async () => (await import('./completion.ts')).completion,
      },
    ],
  },
  { heading: 'The platform that drizzle-ops ships with:', entries: platformEntries },
]

/** Every subcommand, in the order of `--help`. */
export const entries: readonly CommandEntry[] = sections.flatMap(section => section.entries)
