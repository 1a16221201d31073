import type { OpsConfig } from '../../src/config.ts'
import { quoted } from '../../src/database/identifier.ts'
import { collect } from '../../src/graph/collect.ts'
import type { Cross } from '../../src/graph/fence.ts'
import { findTable } from '../../src/graph/find-table.ts'
import { readGraph } from '../../src/graph/graph.ts'
import { type Roots, rootCondition } from '../../src/graph/roots.ts'
import { readRules } from '../../src/graph/rules.ts'
import { withExportSnapshot } from '../../src/graph/snapshot.ts'
import { withVirtualReferences } from '../../src/graph/virtual.ts'
import { contextWith } from '../support/context.ts'
import { connected } from '../support/planning.ts'

export interface Asked {
  readonly cross?: Cross
  readonly depth?: number
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly edges?: NonNullable<OpsConfig['graph']>['edges']
  readonly references?: NonNullable<OpsConfig['graph']>['references']
  /** As on a standby: without a temporary table. */
  readonly placeless?: boolean
}

/** `{ users: ['1'], … }`, by the first column of the key. */
export type Found = Readonly<Record<string, readonly string[]>>

export interface Closure {
  readonly owned: Found
  readonly required: Found
  /** How the rows of each table are told. */
  readonly kinds: Readonly<Record<string, string>>
}

/** Which rows an export of these roots would hold. */
export function closureOf(
  database: { readonly url: string },
  table: string,
  roots: Roots,
  {
    cross = 'error',
    depth,
    include = [],
    exclude = [],
    edges = {},
    references = [],
    placeless = false,
  }: Asked = {},
): Promise<Closure> {
  return connected(database, connection =>
    withExportSnapshot(connection, async keeps => {
      const graph = await withVirtualReferences(connection, await readGraph(connection), references)
      const root = findTable(graph, table)
      const isRoot = await rootCondition(connection, root, roots)
      const scope = {
        root,
        rules: readRules(graph, edges),
        include: include.map(name => findTable(graph, name)),
        exclude: exclude.map(name => findTable(graph, name)),
        depth,
      }
      const collection = await collect(contextWith({}), connection, graph, {
        scope,
        isRoot,
        cross,
        keeps: keeps && !placeless,
      })
      const owned: Record<string, readonly string[]> = {}
      const required: Record<string, readonly string[]> = {}
      const kinds: Record<string, string> = {}
      for (const node of collection.nodes) {
        const { from, where } = collection.membership.rows(node, 'found')
        const key = node.table.identity?.[0]
        const rows = (await connection.script(
          `${collection.prelude} SELECT found.${key === undefined ? 'ctid' : quoted(key)}::text AS key FROM ${from} WHERE ${where} ORDER BY length(found.${key === undefined ? 'ctid' : quoted(key)}::text), 1`,
        )) as { key: string }[]
        const name = node.table.name
        if (rows.length > 0) (node.role === 'owned' ? owned : required)[name] = rows.map(row => row.key)
        kinds[`${name} ${node.role}`] = node.kind
      }
      return { owned, required: without(required, owned), kinds }
    }),
  )
}

/** A row that is needed and owned counts as owned. */
function without(found: Found, owned: Found): Found {
  const rest = Object.entries(found).map(
    ([table, keys]) => [table, keys.filter(key => !owned[table]?.includes(key))] as const,
  )
  return Object.fromEntries(rest.filter(([, keys]) => keys.length > 0))
}
