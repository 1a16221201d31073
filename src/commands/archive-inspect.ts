import { resolve } from 'node:path'
import { Option } from 'commander'
import type { Manifest } from '../archive/manifest.ts'
import { withArchive } from '../archive/read.ts'
import type { Cli, Command, Context } from '../command.ts'
import { size } from '../options.ts'
import { type Block, line, table } from '../output/blocks.ts'

export interface ArchiveOptions {
  readonly file: string
  readonly maxSize: number
}

/** What an archive holds. */
export interface ArchiveResult extends Pick<Manifest, 'archive' | 'createdAt' | 'root' | 'source'> {
  /** By the name that its lines have. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  /** `table.column` */
  readonly redacted: readonly string[]
  readonly chunks: number
  readonly bytes: number
  /** Whether every byte of it was proven. */
  readonly verified: true
}

export const archiveInspect: Command<ArchiveOptions, ArchiveResult> = {
  options: declareArchive,
  run: readArchive,
  view: result => [
    ...viewTables(result),
    line(`${nameOf(result)}, from PostgreSQL ${result.source.serverVersion} at ${result.createdAt}.`),
    ...(result.redacted.length > 0 ? [line(`Left out or replaced: ${result.redacted.join(', ')}.`)] : []),
  ],
}

/** Declares {@link ArchiveOptions}. */
export function declareArchive(cli: Cli): void {
  cli
    .argument('<file>', 'an archive that export has written; - reads standard input')
    .addOption(
      new Option('--max-size <size>', 'refuse a compressed archive that unpacks to more')
        .argParser(size)
        .default(size('16GB'), '16GB'),
    )
}

/** Reads all of an archive. Throws what `withArchive` and its chunks throw. */
export async function readArchive(
  context: Context,
  { file, maxSize }: ArchiveOptions,
): Promise<ArchiveResult> {
  const path = file === '-' ? file : resolve(context.cwd, file)
  return withArchive(context, path, { maxSize }, async archive => {
    const { archive: format, createdAt, root, source, tables } = archive.manifest
    const counts = new Map<string, number>()
    let chunks = 0
    let bytes = 0
    for await (const chunk of archive.chunks()) {
      counts.set(chunk.t, (counts.get(chunk.t) ?? 0) + chunk.rows)
      chunks += 1
      bytes += chunk.bytes
    }
    return {
      archive: format,
      createdAt,
      root,
      source,
      tables: archive.names.map(name => ({ table: name, rows: counts.get(name) ?? 0 })),
      redacted: tables.flatMap(({ table: name, redacted }) => redacted.map(column => `${name}.${column}`)),
      chunks,
      bytes,
      verified: true,
    }
  })
}

export function viewTables({ tables }: ArchiveResult): Block[] {
  return [
    table(
      [
        { key: 'table', title: 'table' },
        { key: 'rows', title: 'rows' },
      ],
      tables.map(each => ({ cells: { ...each } })),
    ),
  ]
}

function nameOf({ root: { table: name, key } }: ArchiveResult): string {
  if (key === null) return `Rows of ${name}`
  return `${name} ${typeof key === 'string' ? key : key.join(', ')}`
}
