import type { IndexKeysRow } from '../catalog/index-keys.ts'
import type { TableColumnRow } from '../catalog/table-columns.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { type Reference, titleOfReference } from './graph.ts'
import { indexKeys, isIndexed, type When } from './indexed.ts'

/** What makes a reference that is no foreign key. */
export interface VirtualParts extends Pick<Reference, 'source' | 'from' | 'to' | 'path'> {
  readonly columns: readonly TableColumnRow[]
  readonly referenced: readonly TableColumnRow[]
  readonly when: When
  /** Of `from`, or of more tables. */
  readonly indexes: readonly IndexKeysRow[]
}

/** Throws OpsError `reference-invalid` where the columns do not pair, or a jsonpath is given for several. */
export function virtualReference(parts: VirtualParts): Reference {
  const { source, from, columns, to, referenced, path } = parts
  const names = columns.map(({ name }) => name)
  const title = titleOfReference(from, names)
  if (columns.length !== referenced.length || (path !== undefined && columns.length !== 1)) {
    throw new OpsError({
      code: 'reference-invalid',
      message: `ops.graph.references pairs ${columns.length} columns of ${title} with ${referenced.length}${path === undefined ? '' : ' at a jsonpath'}.`,
      hint: 'Name as many columns under references as under column; with a path one of each.',
      exit: 2,
    })
  }
  return {
    name: title,
    title,
    source,
    from,
    columns: names,
    to,
    referenced: referenced.map(({ name }) => name),
    cascades: false,
    matchFull: false,
    period: false,
    enforced: false,
    path,
    ...(path === undefined ? byColumns(parts) : byPath(parts, path)),
  }
}

type Way = Pick<Reference, 'required' | 'nullable' | 'indexed' | 'indexKeys' | 'match' | 'points'>

function byColumns({ from, columns, referenced, when, indexes }: VirtualParts): Way {
  const sides = columns.map((column, index) => {
    const other = referenced[index] ?? column
    return { column, other, asText: column.cast !== other.cast }
  })
  const own = indexes.filter(({ table }) => table === from.oid)
  return {
    required: when.length === 0 && columns.every(({ notNull }) => notNull),
    nullable: columns.filter(({ notNull }) => !notNull).map(({ name }) => name),
    indexed: isIndexed(own, sides, when),
    indexKeys: indexKeys(sides),
    match: (child, parent) => {
      const pairs = sides.map(({ column, other, asText }) => {
        const cast = asText ? '::text' : ''
        return `${parent}.${quoted(other.name)}${cast} = ${child}.${quoted(column.name)}${cast}`
      })
      return [...pairs, ...holds(when, child)].join(' AND ')
    },
    points: child =>
      [...columns.map(({ name }) => `${child}.${quoted(name)} IS NOT NULL`), ...holds(when, child)].join(
        ' AND ',
      ),
  }
}

/** The values that a jsonpath finds in a column. No index can help: the server has to look into each row. */
function byPath({ columns: [column], referenced: [key], when }: VirtualParts, path: string): Way {
  const held = (child: string) => `${child}.${quoted(column?.name ?? '')}::jsonb, ${literal(path)}::jsonpath`
  return {
    required: false,
    nullable: [],
    indexed: false,
    indexKeys: null,
    match: (child, parent) => {
      const inside = `EXISTS (SELECT FROM jsonb_path_query(${held(child)}) AS held (value) WHERE held.value #>> '{}' = ${parent}.${quoted(key?.name ?? '')}::text)`
      return [inside, ...holds(when, child)].join(' AND ')
    },
    points: child => [`jsonb_path_exists(${held(child)})`, ...holds(when, child)].join(' AND '),
  }
}

function holds(when: When, child: string): string[] {
  return when.map(([column, value]) => `${child}.${quoted(column)}::text = ${literal(value)}`)
}
