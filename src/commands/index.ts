import type { CommandEntry } from '../command.ts'
import { platformEntries } from './platform.ts'

/** What stands before the second word of commands that have two, where it is no command by itself. */
export const groups: Readonly<Record<string, string>> = {
  archive: 'look into what export has written',
  project: 'projects of the platform',
  user: 'users of the platform',
  session: 'sessions of the platform',
  workspace: 'workspaces of the platform',
}

/** Every subcommand, in the order of `--help`. A new command is its file and its line here. */
export const entries: readonly CommandEntry[] = [
  {
    name: 'migrate',
    summary: 'apply pending migrations, each file in its own transaction, under a lock',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'status',
    summary: 'say where the database stands; never writes',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'rollback',
    summary: 'revert the newest migrations, by their down files or by SQL derived from the snapshots',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'baseline',
    summary: 'adopt a database: record migrations as applied without running them',
    load: async () => (await import('./baseline.ts')).baseline,
  },
  {
    name: 'repair',
    summary: 'mend a history that does not match the files',
    load: async () => (await import('./repair.ts')).repair,
  },
  {
    name: 'reset',
    summary: 'drop what the migrations made, and migrate again',
    load: async () => (await import('./reset.ts')).reset,
  },
  {
    name: 'generate',
    summary: 'write the next migration with drizzle-kit, and verify it',
    load: async () => (await import('./generate.ts')).generate,
  },
  {
    name: 'lint',
    summary: 'dangerous statements in pending or named migrations, and what to write instead',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'drift',
    summary: 'compare schema code, migrations and the live database',
    load: async () => (await import('./drift.ts')).drift,
  },
  {
    name: 'push',
    summary: 'make the database what the schema says, without migrations; hazards are named first',
    load: async () => (await import('./push.ts')).push,
  },
  {
    name: 'export',
    summary: 'write a row and everything that hangs from it to an archive',
    load: async () => (await import('./export.ts')).exportArchive,
  },
  {
    name: 'import',
    summary: 'bring an archive into this database, all of it or nothing',
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
  {
    name: 'seed',
    summary: 'fill tables with rows that fit their columns, keys and checks',
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
    name: 'wait',
    summary: 'wait until the database answers a query',
    load: async () => (await import('./wait.ts')).wait,
  },
  {
    name: 'health',
    summary: 'a verdict on the database for people, probes and cron',
    load: async () => (await import('./health.ts')).health,
  },
  {
    name: 'stats',
    summary: 'a report on the database, by name; without one the overview',
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
    summary: 'cancel what a session runs, or end the session',
    load: async () => (await import('./cancel.ts')).cancel,
  },
  {
    name: 'studio',
    summary: 'run drizzle-kit studio on the resolved connection, on this machine only',
    load: async () => (await import('./studio.ts')).studio,
  },
  {
    name: 'doctor',
    summary: 'configuration, env files, where the URL came from, versions',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'dev',
    summary: 'run the embedded PostgreSQL server in the foreground',
    load: async () => (await import('./dev.ts')).dev,
  },
  {
    name: 'project export',
    summary: 'write projects and everything that hangs from them to an archive',
    load: async () => (await import('./project-export.ts')).projectExport,
  },
  {
    name: 'project import',
    summary: 'bring an archive of projects into this database, all of it or nothing',
    load: async () => (await import('./project-import.ts')).projectImport,
  },
  {
    name: 'init',
    summary: 'add an ops export to the drizzle config, or write files for CI, cron and containers',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'completion',
    summary: 'print the completion script of a shell',
    load: async () => (await import('./completion.ts')).completion,
  },
  ...platformEntries,
]
