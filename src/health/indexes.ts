import { type CounterWindow, countersSince } from '../catalog/counters-since.ts'
import { type IndexStats, unusedIndexes } from '../catalog/index-stats.ts'
import { invalidIndexes } from '../catalog/invalid-indexes.ts'
import { redundantIndexes } from '../catalog/redundant-indexes.ts'
import { ORDINARY } from '../catalog/scope.ts'
import { type UnindexedForeignKey, unindexedForeignKeys } from '../catalog/unindexed-foreign-keys.ts'
import { quoted } from '../database/identifier.ts'
import { bytes, milliseconds } from '../output/words.ts'
import { type Check, type Finding, finding, judgeValue, orOk, type Thresholds } from './check.ts'
import type { Remedy } from './remedy.ts'

/** Where an index begins to cost something. */
const MEBIBYTE = 1024 * 1024
const ROWS = 10_000

const REINDEXED = /_ccnew\d*$/
const REPLACED = /_ccold\d*$/

export const invalidIndexesCheck: Check = {
  id: 'invalid-indexes',
  async run({ database }) {
    const found = await invalidIndexes(database)
    return orOk(
      found.map(index => {
        const { schema, table, name, ready, building } = index
        const facts = { object: `${schema}.${name}`, evidence: [index] }
        if (building) return finding('ok', `${name} on ${schema}.${table} is being built.`, facts)
        const leftover = REINDEXED.test(name) || REPLACED.test(name)
        return finding(
          ready ? 'critical' : 'warn',
          `${name} on ${schema}.${table} is not valid: no query uses it${ready ? ', yet every write keeps it up' : ''}. ${leftover ? 'A REINDEX CONCURRENTLY left it behind.' : 'A CREATE INDEX CONCURRENTLY did not come to its end.'}`,
          {
            ...facts,
            fix: leftover
              ? `DROP INDEX CONCURRENTLY ${quoted(schema, name)};`
              : `REINDEX INDEX CONCURRENTLY ${quoted(schema, name)}; or DROP INDEX CONCURRENTLY and create it again.`,
          },
        )
      }),
      'All indexes are valid.',
    )
  },
}

export const foreignKeyIndexes: Check = {
  id: 'foreign-key-indexes',
  thresholds: { warn: MEBIBYTE, critical: null },
  async run({ database }, thresholds) {
    const found = await unindexedForeignKeys(database, ORDINARY)
    return orOk(
      found.map(key => unindexed(key, thresholds)),
      'Every foreign key has an index.',
    )
  },
}

/** 500 deletes of parents with 180,000 children took 5.6 s without the index and 11 ms with it. */
function unindexed(key: UnindexedForeignKey, thresholds: Thresholds): Finding {
  const { schema, table, constraint, columns, references, rows, create } = key
  const bySize = judgeValue(key.bytes, thresholds)
  const status = bySize === 'ok' && (rows ?? 0) >= ROWS ? 'warn' : bySize
  return finding(
    status,
    `${schema}.${table} (${columns.join(', ')}) has no index: each delete of a row of ${references} reads all of ${table} (${bytes(key.bytes)}).`,
    {
      object: `${schema}.${table}.${constraint}`,
      value: key.bytes,
      unit: 'bytes',
      thresholds,
      fix: `${create};`,
      evidence: [key],
      remedy: {
        schema,
        table,
        column: columns[0],
        change: declared => {
          const keys = columns.map(column => `table.${declared.columns.get(column) ?? column}`)
          return `index('${table}_${columns.join('_')}_idx').on(${keys.join(', ')})`
        },
      },
    },
  )
}

export const redundantIndexesCheck: Check = {
  id: 'redundant-indexes',
  thresholds: { warn: MEBIBYTE, critical: null },
  async run({ database }, thresholds) {
    const found = await redundantIndexes(database, ORDINARY)
    return orOk(
      found.map(redundant =>
        finding(
          judgeValue(redundant.bytes, thresholds),
          `${redundant.index} on ${redundant.schema}.${redundant.table} ${redundant.exact ? 'is the same as' : 'is the beginning of'} ${redundant.coveredBy}: it costs every write and ${bytes(redundant.bytes)}, and gives nothing.`,
          {
            object: `${redundant.schema}.${redundant.index}`,
            value: redundant.bytes,
            unit: 'bytes',
            thresholds,
            fix: `${redundant.drop};`,
            evidence: [redundant],
            remedy: withoutIndex(redundant.schema, redundant.table, redundant.index),
          },
        ),
      ),
      'No index makes another one unnecessary.',
    )
  },
}

/** Before that, what runs once a month may not have run. */
const WINDOW = 30 * 24 * 3_600_000

export const unusedIndexesCheck: Check = {
  id: 'unused-indexes',
  thresholds: { warn: MEBIBYTE, critical: null },
  async run({ database }, thresholds) {
    const window = await countersSince(database)
    if (window.ageMs < WINDOW) return judgeUnused(window, [], thresholds)
    return judgeUnused(window, await unusedIndexes(database, ORDINARY, false), thresholds)
  },
}

/** Those that nobody read in a window that is long enough; invalid ones nobody can, which another check tells. */
export function judgeUnused(
  { since, ageMs }: CounterWindow,
  unused: readonly IndexStats[],
  thresholds: Thresholds,
): Finding | readonly Finding[] {
  if (ageMs < WINDOW) {
    const counted = `this server has counted for ${milliseconds(ageMs)}, since ${since}, and it takes 30d`
    return finding('skipped', `Too early to tell: ${counted}.`)
  }
  const readable = unused.filter(({ valid }) => valid)
  return orOk(
    readable.map(index =>
      finding(
        judgeValue(index.bytes, thresholds),
        `${index.index} on ${index.schema}.${index.table} (${bytes(index.bytes)}) has not been read on this server since ${since}. Ask its standbys, too.`,
        {
          object: `${index.schema}.${index.index}`,
          value: index.bytes,
          unit: 'bytes',
          thresholds,
          fix: `DROP INDEX CONCURRENTLY ${quoted(index.schema, index.index)};`,
          evidence: [index],
          remedy: withoutIndex(index.schema, index.table, index.index),
        },
      ),
    ),
    `Every index has been read since ${since}.`,
  )
}

function withoutIndex(schema: string, table: string, index: string): Remedy {
  return {
    schema,
    table,
    named: index,
    change: () => `Remove ${index} here as well, or the next push or migration brings it back.`,
  }
}
