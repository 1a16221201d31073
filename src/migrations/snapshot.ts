import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OpsError } from '../errors.ts'
import type { Migration, MigrationsFolder } from './folder.ts'
import { flatEntitiesOf } from './snapshot-deltas.ts'

/** Something that a schema must hold, by name. `column` only for columns. */
export interface SchemaObject {
  readonly kind: 'schema' | 'table' | 'column' | 'type'
  readonly schema: string
  readonly name: string
  readonly column?: string
}

/** drizzle-kit 0.31's version 7: everything under its qualified name. */
interface Version7 {
  readonly tables: Readonly<
    Record<string, { name: string; schema: string; columns: Record<string, { name: string }> }>
  >
  readonly enums: Readonly<Record<string, { name: string; schema: string }>>
  readonly schemas: Readonly<Record<string, string>>
}

/** drizzle-kit 1.0's: one flat list, or the changes to it. */
export interface FlatEntity {
  readonly entityType: string
  readonly schema?: string
  readonly table?: string
  readonly name: string
}

/** The file in which drizzle-kit keeps the schema as it is after a migration; hand-written ones have none. */
export function snapshotFile(
  { layout, path }: MigrationsFolder,
  { name, file }: Migration,
): string | undefined {
  const [prefix] = name.split('_')
  const snapshot =
    layout === 'folders'
      ? join(dirname(file), 'snapshot.json')
      : join(path, 'meta', `${prefix}_snapshot.json`)
  return existsSync(snapshot) ? snapshot : undefined
}

/** The newest snapshot among the given migrations, in their order. */
export function newestSnapshot(
  folder: MigrationsFolder,
  migrations: readonly Migration[],
): string | undefined {
  return migrations
    .toReversed()
    .map(migration => snapshotFile(folder, migration))
    .find(file => file !== undefined)
}

/** What a snapshot says that the database holds. Throws OpsError `snapshot-invalid`, exit 2. */
export function objectsOf(file: string): SchemaObject[] {
  const snapshot = readSnapshot(file)
  if ('ddl' in snapshot || 'deltas' in snapshot) return flatObjects(flatEntitiesOf(file, readSnapshot))
  const { tables = {}, enums = {}, schemas = {} } = snapshot as Partial<Version7>
  return [
    ...Object.values(schemas).map((name): SchemaObject => ({ kind: 'schema', schema: name, name })),
    ...Object.values(enums).map(
      ({ name, schema }): SchemaObject => ({ kind: 'type', schema: schema || 'public', name }),
    ),
    ...Object.values(tables).flatMap(({ name, schema, columns }): SchemaObject[] => [
      { kind: 'table', schema: schema || 'public', name },
      ...Object.values(columns).map(
        (column): SchemaObject => ({ kind: 'column', schema: schema || 'public', name, column: column.name }),
      ),
    ]),
  ]
}

function flatObjects(entities: readonly FlatEntity[]): SchemaObject[] {
  return entities.flatMap(({ entityType, schema = 'public', table = '', name }): SchemaObject[] => {
    if (entityType === 'schemas') return [{ kind: 'schema', schema: name, name }]
    if (entityType === 'tables') return [{ kind: 'table', schema, name }]
    if (entityType === 'enums') return [{ kind: 'type', schema, name }]
    return entityType === 'columns' ? [{ kind: 'column', schema, name: table, column: name }] : []
  })
}

/** A snapshot as it is. Throws OpsError `snapshot-invalid`, exit 2. */
export function readSnapshot(file: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new OpsError({
      code: 'snapshot-invalid',
      message: `The snapshot ${file} is not JSON: ${(cause as Error).message}.`,
      hint: 'A merge may have left conflict markers in it: mend it, or restore it from git.',
      exit: 2,
      where: { file },
      cause,
    })
  }
}
