import { OpsError } from '../errors.ts'
import { damaged } from './damage.ts'
import { type ArchivedTable, FORMAT, isSealed, lineName, type Manifest } from './manifest.ts'

const FAMILY = /^drizzle-ops\/archive@/

/**
 * The first line of an archive, believed only if it is whole.
 * Throws OpsError, exit 2: `archive-unknown`, `archive-version`, `archive-damaged`.
 */
export function readManifest(line: Buffer | undefined, file: string): Manifest {
  const place = { file, line: 1 }
  const text = line?.toString().slice(0, -1) ?? ''
  const found = parsed(text)
  const archive = (found as { archive?: unknown } | undefined)?.archive
  if (typeof archive !== 'string' || !FAMILY.test(archive)) {
    throw new OpsError({
      code: 'archive-unknown',
      message: line ? `${file} is no archive of drizzle-ops.` : `${file} is empty.`,
      hint: 'Name a file that drizzle-ops export has written.',
      exit: 2,
      where: place,
    })
  }
  if (archive !== FORMAT) {
    throw new OpsError({
      code: 'archive-version',
      message: `${file} is of the format ${archive}, and this drizzle-ops reads ${FORMAT}.`,
      hint: 'Use the version of drizzle-ops that has written it, or a newer one.',
      exit: 2,
      where: place,
    })
  }
  if (!isSealed(text)) throw damaged(place, 'has a first line that does not match its hash')
  if (!isManifest(found)) throw damaged(place, 'has a first line that does not describe an archive')
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The hash proves only that nothing was changed by chance. */
function isManifest(found: unknown): found is Manifest {
  if (!isObject(found) || !isObject(found.root) || !isObject(found.source)) return false
  const { root, source, tables, createdAt } = found
  return (
    isText(createdAt) &&
    isText(root.table) &&
    isText(source.serverVersion) &&
    isText(source.schemaFingerprint) &&
    (source.lastMigration === null || isText(source.lastMigration)) &&
    Array.isArray(tables) &&
    tables.every(isTable) &&
    allDiffer(tables.map(lineName))
  )
}

function isTable(found: unknown): found is ArchivedTable {
  if (!isObject(found) || !isText(found.table) || !Array.isArray(found.columns)) return false
  const { columns, primaryKey, redacted, matchedBy, constraints = [] } = found
  const names = columns.map(column => (isObject(column) ? column.name : undefined))
  return (
    names.length > 0 &&
    names.every(isText) &&
    allDiffer(names) &&
    columns.every(isColumn) &&
    Array.isArray(constraints) &&
    constraints.every(isText) &&
    [primaryKey, redacted, matchedBy ?? []].every(
      list => Array.isArray(list) && list.every(name => names.includes(name)),
    )
  )
}

function isColumn(found: unknown): boolean {
  return isObject(found) && isText(found.type) && (found.encoding === 'json' || found.encoding === 'text')
}

function isObject(found: unknown): found is Record<string, unknown> {
  return typeof found === 'object' && found !== null && !Array.isArray(found)
}

function isText(found: unknown): found is string {
  return typeof found === 'string' && found !== ''
}

function allDiffer(names: readonly unknown[]): boolean {
  return new Set(names).size === names.length
}
