import { type Block, line, table } from '../output/blocks.ts'
import { milliseconds } from '../output/words.ts'
import type { SeedResult } from './seed.ts'

/** A run of generated rows, for people. */
export function viewSeeded(result: SeedResult): Block[] {
  const { dryRun, tables, truncated, sql } = result
  return [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'rows', title: dryRun ? 'would be' : 'rows' },
        { key: 'ms', title: 'time', unit: 'milliseconds' },
      ],
      tables.map(({ table, rows, ms }) => ({ cells: { table, rows, ms: dryRun ? null : ms }, tone: 'good' })),
    ),
    ...tables.flatMap(({ table, notes, samples }): Block[] => [
      ...notes.map(note => line(`${table}: ${note}`, 'warn')),
      ...(samples ?? []).map(row => line(`${table}: ${JSON.stringify(row)}`, 'dim')),
    ]),
    ...(truncated.length > 0
      ? [line(`${dryRun || sql ? 'Would empty' : 'Emptied'} ${truncated.join(', ')}.`, 'warn')]
      : []),
    line(summary(result), 'good'),
  ]
}

function summary({ dryRun, tables, seed, now, sql }: SeedResult): string {
  const rows = tables.reduce((sum, each) => sum + each.rows, 0)
  const ms = tables.reduce((sum, each) => sum + each.ms, 0)
  const again = `--seed ${seed} --now ${now} makes the same ones again.`
  if (tables.length === 0) return 'There is no table to fill: drizzle-ops migrate makes them.'
  if (dryRun) return `Nothing was written; ${rows} rows would be. ${again}`
  if (sql !== undefined) return `Wrote ${sql}, which makes ${rows} rows: psql -f ${sql}. ${again}`
  return `Wrote ${rows} rows in ${milliseconds(ms)}. ${again}`
}
