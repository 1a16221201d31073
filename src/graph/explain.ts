import type { Manifest } from '../archive/manifest.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import type { Collection } from './collect.ts'
import { findTable } from './find-table.ts'
import { type MissingIndex, missingIndexes, type OutlineTable, outlineOf } from './outline.ts'
import { type ExportRequest, withCollection } from './prepare.ts'
import { rootCondition } from './roots.ts'
import { type Step, wayOf } from './way.ts'

/** What would be exported and why. */
export interface Explanation {
  readonly root: Manifest['root']
  /** `rows` is counted for `--explain`; `estimate` is the size of the whole table. */
  readonly tables: readonly (OutlineTable & {
    readonly rows: number | null
    readonly estimate: number | null
  })[]
  readonly missingIndexes: readonly MissingIndex[]
  /** From the row that was asked about to the root. */
  readonly way: readonly Step[] | null
}

export interface ExplainOptions {
  readonly counts: boolean
  /** `table=key` */
  readonly why: string | undefined
}

/** Explains an export instead of running it. Throws what `withCollection` and `wayOf` throw. */
export async function explainExport(
  context: Context,
  database: Database,
  project: Project | undefined,
  request: ExportRequest,
  { counts, why }: ExplainOptions,
): Promise<Explanation> {
  return withCollection(context, database, project, request, async ({ graph, collection, root }) => {
    const outline = outlineOf(graph, collection)
    const tables: Explanation['tables'][number][] = []
    for (const [index, table] of outline.entries()) {
      const rows = counts ? await countOf(database, collection, index) : null
      tables.push({ ...table, rows, estimate: collection.nodes[index]?.table.rows ?? null })
    }
    let way: readonly Step[] | null = null
    if (why !== undefined) {
      const [name, key] = split(why)
      const table = findTable(graph, name)
      way = await wayOf(
        database,
        collection,
        table,
        key,
        await rootCondition(database, table, { keys: [key] }),
      )
    }
    return { root, tables, missingIndexes: missingIndexes(collection), way }
  })
}

async function countOf(
  database: Database,
  { nodes, membership, prelude }: Collection,
  index: number,
): Promise<number> {
  const node = nodes[index]
  if (!node) return 0
  const { from, where } = membership.rows(node, 'found')
  const [row] = (await database.script(
    `${prelude}SELECT count(*)::float8 AS rows FROM ${from} WHERE ${where}`,
  )) as {
    rows: number
  }[]
  return row?.rows ?? 0
}

function split(why: string): [table: string, key: string] {
  const at = why.indexOf('=')
  if (at > 0) return [why.slice(0, at), why.slice(at + 1)]
  throw new OpsError({
    code: 'usage',
    message: `--why takes a table and a key, and got ${why}.`,
    hint: 'Write --why messages=<key>.',
    exit: 2,
  })
}
