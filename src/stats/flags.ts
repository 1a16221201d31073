import { Option } from 'commander'
import type { Cli } from '../command.ts'
import { count, durationOption, list, size } from '../options.ts'
import { RANKINGS, type ReportFlags } from './report.ts'
import type { Asked } from './run.ts'
import type { Selection } from './select.ts'

/** What the flags of `stats` come to. */
export type StatsFlags = Selection & ReportFlags & { readonly partitions?: boolean }

/** The flags that choose rows, and those that single reports know. */
export function declareFlags(cli: Cli): void {
  cli
    .option('--schema <globs>', 'only these schemas, wholly; !name leaves one out', list)
    .option('--table <globs>', 'only these tables; !name leaves one out', list)
    .option('--min-size <size>', 'leave out what is smaller: 10MB', size)
    .option('--sort <column>', 'the largest of this column first; -column the smallest')
    .option('--limit <n>', 'show this many rows; 0 for all', count)
    .option('--partitions', 'show partitions by themselves, not as their table')
    .optionsGroup('Of single reports:')
    .addOption(new Option('--by <what>', 'top-queries: the most of this').choices(RANKINGS).default('total'))
    .option('--no-query', 'leave out what sessions and statements run')
    .option('--all', 'locks: also those that nobody waits for')
    .option('--non-default', 'settings: only what somebody chose')
    .option('--exact', 'bloat: measure it, with pgstattuple')
    .addOption(durationOption('--longer-than <duration>', 'long-running: from this on', '60s'))
    .addOption(durationOption('--sample <duration>', 'overview: count transactions for this long', '1s'))
}

/** What is read by people, who are shown the first rows of a long report. Programs get all of them. */
const FOR_PEOPLE: readonly string[] = ['table', 'markdown']

export function askedBy(options: StatsFlags, format: string): Asked {
  const {
    partitions = false,
    by,
    query,
    nonDefault = false,
    all = false,
    exact = false,
    longerThan,
    sample,
    ...selection
  } = options
  return {
    selection: FOR_PEOPLE.includes(format) ? selection : { limit: 0, ...selection },
    partitions,
    flags: { by, query, nonDefault, all, exact, longerThan, sample },
  }
}
