import type { ColumnKind } from '../catalog/column-kinds.ts'
import { literal, quoted } from '../database/identifier.ts'

/** How an archive holds a column: as JSON, or as the column's text where JSON would lose something. */
export type Encoding = 'json' | 'text'

/**
 * JSON has no raw control characters, so with these COPY neither quotes nor escapes anything: lines go out as the
 * server wrote them and come in as they are.
 */
export const COPY_LINES = "(FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"

/** How to hold a column. `holdsJsonNull` tells whether {@link isJsonNull} is true of any of its values. */
export function encodingOf(kind: ColumnKind, holdsJsonNull = false): Encoding {
  return kind === 'text' || (kind === 'jsonb' && holdsJsonNull) ? 'text' : 'json'
}

/** SQL that is true of the one jsonb that a JSON line cannot tell from SQL's NULL. Looks into short values only. */
export function isJsonNull(value: string): string {
  return `(pg_column_size(${value}) <= 16 AND ${value}::jsonb = 'null'::jsonb)`
}

/** SQL for a value as `row_to_json` should meet it. An array's bounds are lost in JSON: an odd one goes as its text. */
export function outgoing(kind: ColumnKind, encoding: Encoding, value: string): string {
  if (encoding === 'text') return `${value}::text`
  return kind === 'array'
    ? `CASE WHEN array_lower(${value}, 1) <> 1 OR array_ndims(${value}) > 1 THEN to_json(${value}::text) ELSE to_json(${value}) END`
    : value
}

/** The type under which the server reads a value from a JSON line. */
export function lineType(type: string, encoding: Encoding): string {
  return encoding === 'text' ? 'text' : type
}

/** SQL for the value of a column that has been read so. */
export function incoming(type: string, encoding: Encoding, value: string): string {
  return encoding === 'text' ? `${value}::${type}` : value
}

/** What a line of an archive begins with, up to the row. */
export function linePrefix(name: string): string {
  return `{"t":${JSON.stringify(name)},"r":`
}

/** COPY that sends each row of a query as a line of an archive. */
export function copyLines(name: string, query: string): string {
  // not by the alias alone: a column may have that name
  return `COPY (SELECT ${literal(linePrefix(name))} || row_to_json(archived.*)::text || '}' FROM (${query}) AS archived) TO STDOUT WITH ${COPY_LINES}`
}

/** One column of a query for {@link copyLines}. */
export function outgoingColumn(name: string, kind: ColumnKind, encoding: Encoding, value: string): string {
  return `${outgoing(kind, encoding, value)} AS ${quoted(name)}`
}
