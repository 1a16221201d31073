import { FORMAT, lineName, type Manifest } from '../archive/manifest.ts'
import { beginArchive, type Sink } from '../archive/write.ts'
import { listColumnKinds } from '../catalog/column-kinds.ts'
import type { Oid } from '../catalog/relations.ts'
import { listTableColumns } from '../catalog/table-columns.ts'
import { listTableConstraints } from '../catalog/table-constraints.ts'
import type { Context } from '../command.ts'
import type { Database } from '../database/database.ts'
import type { Project } from '../project/project.ts'
import { collectedTables } from './collected.ts'
import { embeddedRows, refuseBeyond, type TableRows } from './counts.ts'
import { type Cleared, entriesOf } from './entries.ts'
import { schemaFingerprint } from './fingerprint.ts'
import { shortName } from './graph.ts'
import { lastMigration } from './last-migration.ts'
import { type ExportRequest, withCollection } from './prepare.ts'
import { type Replacement, replacements } from './replace.ts'

/** What went into an archive, and what did not. */
export interface Exported {
  readonly root: Manifest['root']
  readonly tables: readonly TableRows[]
  /** `table.column` */
  readonly redacted: readonly string[]
  readonly masked: readonly string[]
  /** Rows that do not belong to the root and came along because rows that do need them. */
  readonly embedded: readonly TableRows[]
  /** References that are NULL in the archive. */
  readonly cleared: readonly Cleared[]
  /** Rows of other roots. */
  readonly crossing: readonly {
    readonly table: string
    readonly reference: string
    readonly rows: number
    readonly taken: boolean
  }[]
}

/** Writes the archive of what is asked for to `sink`. */
export async function exportRows(
  context: Context,
  database: Database,
  project: Project | undefined,
  request: ExportRequest,
  sink: Sink,
): Promise<Exported> {
  return withCollection(context, database, project, request, async prepared => {
    const { graph, collection, root } = prepared
    const collected = collectedTables(graph, collection)
    if (request.rowLimit !== undefined) await refuseBeyond(database, prepared, request.rowLimit)
    const oids = collected.map(({ table }) => table.oid)
    const [columns, kinds, constraints] = await Promise.all([
      listTableColumns(database, oids),
      listColumnKinds(database, oids),
      listTableConstraints(database, oids),
    ])
    const replaced = replacements(graph, columns, {
      ops: project?.ops ?? {},
      withSecrets: request.withSecrets,
      maskKey: context.env.DRIZZLE_OPS_MASK_KEY ?? '',
    })
    // sent in one go: of a small export most of the time is the way to the server and back
    const [source, ...looked] = await Promise.all([
      sourceOf(database, project, oids),
      ...collected.map(each =>
        entriesOf(database, each, { graph, collection, kinds, constraints, replaced }),
      ),
    ])
    const entries = looked.flat()
    const manifest: Manifest = {
      archive: FORMAT,
      createdAt: new Date().toISOString(),
      root,
      source,
      tables: entries.map(({ archived }) => archived),
    }
    const archive = await beginArchive(sink, manifest)
    for (const { archived, copy } of entries) {
      context.report.progress(`Exporting ${archived.table}`)
      const name = lineName(archived)
      await database.copyOut(copy, piece => archive.add(name, piece))
    }
    const rows = await archive.end()
    return {
      root,
      tables: Object.entries(rows).map(([table, count]) => ({ table, rows: count })),
      redacted: namesOf(replaced, 'redacted'),
      masked: namesOf(replaced, 'masked'),
      embedded: await embeddedRows(database, collection),
      cleared: entries.flatMap(({ cleared }) => cleared),
      crossing: collection.crossings.map(({ node, source, rows: count }) => ({
        table: node.table.title,
        reference: source.reference.title,
        rows: count,
        taken: request.cross === 'embed',
      })),
    }
  })
}

async function sourceOf(
  database: Database,
  project: Project | undefined,
  tables: readonly Oid[],
): Promise<Manifest['source']> {
  const [[now], fingerprint, newest] = await Promise.all([
    database.query<{ snapshot: string }>`SELECT pg_current_snapshot()::text AS snapshot`,
    schemaFingerprint(database, tables),
    project ? lastMigration(database, project.migrationsTable) : null,
  ])
  return {
    serverVersion: database.server.version,
    snapshot: now?.snapshot ?? '',
    lastMigration: newest,
    schemaFingerprint: fingerprint,
  }
}

function namesOf(replaced: readonly Replacement[], how: Replacement['how']): string[] {
  return replaced.filter(each => each.how === how).map(({ table, column }) => `${shortName(table)}.${column}`)
}
