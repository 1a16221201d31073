import { readFile } from 'node:fs/promises'
import { databaseOverview } from '../catalog/database-overview.ts'
import { indexStats } from '../catalog/index-stats.ts'
import { ORDINARY } from '../catalog/scope.ts'
import { tableStats } from '../catalog/table-stats.ts'
import { withoutWaiting } from '../catalog/unlocked.ts'
import { wraparoundAges } from '../catalog/wraparound.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { sequenceReport } from './sequences.ts'
import { countedStatements } from './statements.ts'

export const SNAPSHOT = 'drizzle-ops/stats@1'

/** What a database has come to at one moment: the file that `stats snapshot` writes. Bytes, rows and counts. */
export interface Snapshot {
  readonly snapshot: typeof SNAPSHOT
  /** ISO 8601. */
  readonly at: string
  readonly name: string
  readonly serverVersion: string
  readonly measures: readonly Measure[]
}

/** One number of one thing. */
export interface Measure {
  readonly kind: 'database' | 'table' | 'index' | 'sequence' | 'query'
  /** Tells it from the others of its kind: a queryid, or what `name` says. */
  readonly id: string
  readonly schema: string | null
  readonly name: string
  readonly measure:
    | 'size'
    | 'rows'
    | 'scans'
    | 'used'
    | 'calls'
    | 'time'
    | 'transaction ids'
    | 'multixact ids'
  readonly unit: 'bytes' | 'ms' | 'count'
  readonly value: number
  /** Where it ends. */
  readonly limit: number | null
}

/** Transaction ids that may lie between the oldest row and now: the server refuses new ones 3,000,000 before 2^31. */
const LAST_XID = 2 ** 31 - 3_000_000
/** A table without partitions has at most 2^32 - 1 pages. https://www.postgresql.org/docs/current/limits.html */
const MOST_PAGES = 2 ** 32 - 1
const PAGE = 8192

export async function takeSnapshot(database: Database): Promise<Snapshot> {
  const measures: Measure[] = [
    ...(await ofDatabase(database)),
    ...(await ofTables(database)),
    ...(await ofIndexes(database)),
    ...(await ofSequences(database)),
    ...(await ofQueries(database)),
  ]
  return {
    snapshot: SNAPSHOT,
    at: new Date().toISOString(),
    name: database.identity.name,
    serverVersion: database.server.version,
    measures,
  }
}

/** Throws OpsError `snapshot-invalid`, exit 2, for what `stats snapshot` has not written. */
export async function readSnapshot(file: string): Promise<Snapshot> {
  try {
    const read = JSON.parse(await readFile(file, 'utf8'))
    if (read?.snapshot === SNAPSHOT && Array.isArray(read.measures)) return read
    throw new Error(`it says it is ${read?.snapshot ?? 'something else'}`)
  } catch (cause) {
    throw new OpsError({
      code: 'snapshot-invalid',
      message:
        (cause as NodeJS.ErrnoException).code === 'ENOENT'
          ? `There is no file ${file}.`
          : `${file} is no snapshot: ${(cause as Error).message}.`,
      hint: 'Write one: drizzle-ops stats snapshot -o before.json.',
      exit: 2,
      cause,
    })
  }
}

async function ofDatabase(database: Database): Promise<Measure[]> {
  const { name } = database.identity
  const { bytes } = await databaseOverview(database, ORDINARY)
  const ages = (await wraparoundAges(database, ORDINARY)).filter(
    age => age.kind === 'database' && age.name === name,
  )
  const own = { kind: 'database', id: name, schema: null, name } as const
  return [
    ...(bytes === null
      ? []
      : [{ ...own, measure: 'size', unit: 'bytes', value: bytes, limit: null } as const]),
    ...ages.flatMap(({ xidAge, multixactAge }) => [
      { ...own, measure: 'transaction ids', unit: 'count', value: xidAge, limit: LAST_XID } as const,
      { ...own, measure: 'multixact ids', unit: 'count', value: multixactAge, limit: LAST_XID } as const,
    ]),
  ]
}

async function ofTables(database: Database): Promise<Measure[]> {
  const { rows: tables } = await withoutWaiting(exact =>
    tableStats(database, ORDINARY, { exact, first: null }),
  )
  return tables.flatMap(({ schema, table, totalBytes, rows, partitions }) => {
    const own = { kind: 'table', id: `${schema}.${table}`, schema, name: table } as const
    const limit = partitions > 0 ? null : MOST_PAGES * PAGE
    return [
      { ...own, measure: 'size', unit: 'bytes', value: totalBytes, limit } as const,
      ...(rows === null
        ? []
        : [{ ...own, measure: 'rows', unit: 'count', value: rows, limit: null } as const]),
    ]
  })
}

async function ofIndexes(database: Database): Promise<Measure[]> {
  const { rows: indexes } = await withoutWaiting(exact =>
    indexStats(database, ORDINARY, { exact, first: null }),
  )
  return indexes.flatMap(({ schema, index, bytes, scans }) => {
    const own = { kind: 'index', id: `${schema}.${index}`, schema, name: index } as const
    return [
      { ...own, measure: 'size', unit: 'bytes', value: bytes, limit: null } as const,
      { ...own, measure: 'scans', unit: 'count', value: scans, limit: null } as const,
    ]
  })
}

async function ofSequences(database: Database): Promise<Measure[]> {
  const sequences = await sequenceReport(database, ORDINARY)
  return sequences.flatMap(({ schema, sequence, last, ceiling, cycles }) =>
    last === null
      ? []
      : [
          {
            kind: 'sequence',
            id: `${schema}.${sequence}`,
            schema,
            name: sequence,
            measure: 'used',
            unit: 'count',
            value: Math.abs(Number(last)),
            limit: cycles ? null : Math.abs(Number(ceiling)),
          } as const,
        ],
  )
}

async function ofQueries(database: Database): Promise<Measure[]> {
  const { uses } = await countedStatements(database)
  return uses.flatMap(({ queryId, user, toplevel, query, calls, totalMs }) => {
    if (queryId === null || query === null) return []
    const own = {
      kind: 'query',
      id: `${queryId} ${user} ${toplevel}`,
      schema: null,
      name: query.slice(0, 200),
    } as const
    return [
      { ...own, measure: 'calls', unit: 'count', value: calls, limit: null } as const,
      { ...own, measure: 'time', unit: 'ms', value: totalMs, limit: null } as const,
    ]
  })
}
