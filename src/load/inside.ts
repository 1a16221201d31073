import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'
import type { Reference } from '../graph/graph.ts'
import { bare, type LoadColumn } from './tables.ts'

/** A reference from within a JSON column, and the table of old and new keys, as text, that it follows. */
export interface Inside {
  readonly reference: Reference
  readonly keys: string
}

/** What tells a value from its like while it is looked for. */
const MARK = { string: ' drizzle-ops', number: '0.123456789' } as const

/** Makes a table of `old` and `new` as text of what became of a key: JSON holds ids as text or as numbers. */
export async function textKeys(
  database: Database,
  map: string,
  [old, fresh]: readonly [old: string, fresh: string],
): Promise<string> {
  const name = `${map}_text`
  await database.script(
    `DROP TABLE IF EXISTS ${name}; CREATE TEMPORARY TABLE ${bare(name)} ON COMMIT DROP AS SELECT ${quoted(old)}::text AS old, ${fresh}::text AS new FROM ${map}; CREATE INDEX ON ${name} (old); ANALYZE ${name}`,
  )
  return name
}

/**
 * SQL of a LATERAL query for the value of a JSON column of `staged` after what it holds at jsonpaths has followed its
 * rows: one row, or none where nothing changes. A jsonpath gives values, and not where they stand, so each leaf that
 * is a key is marked and looked for by the path: whatever the path is, filters included.
 */
export function followedInside({ name }: LoadColumn, inside: readonly Inside[]): string {
  const whole = `staged.${quoted(name)}::jsonb`
  const text = "leaf.value #>> '{}'"
  const marked = `CASE jsonb_typeof(leaf.value) WHEN 'string' THEN to_jsonb(${text} || ${literal(MARK.string)}) ELSE to_jsonb((${text})::numeric + ${MARK.number}) END`
  const moves = inside.map(({ reference, keys }, rank) => {
    const found = `SELECT FROM jsonb_path_query(${replaced(whole, 'leaf.at', 'mark.value')}, ${literal(reference.path ?? '')}::jsonpath) AS held (value) WHERE held.value = mark.value`
    return `SELECT ${rank} AS rank, leaf.at, CASE WHEN jsonb_typeof(leaf.value) = 'number' AND key.new ~ '^-?[0-9]+$' THEN key.new::jsonb ELSE to_jsonb(key.new) END AS value FROM leaves AS leaf JOIN ${keys} AS key ON key.old = ${text} CROSS JOIN LATERAL (SELECT ${marked} AS value) AS mark WHERE jsonb_typeof(leaf.value) IN ('string', 'number') AND ${reference.points('staged')} AND EXISTS (${found})`
  })
  return `WITH RECURSIVE leaves (at, value) AS (
    SELECT '{}'::text[], ${whole}
    UNION ALL
    SELECT leaf.at || child.key, child.value FROM leaves AS leaf CROSS JOIN LATERAL (
      SELECT each.key, each.value FROM jsonb_each(CASE jsonb_typeof(leaf.value) WHEN 'object' THEN leaf.value ELSE '{}' END) AS each
      UNION ALL
      SELECT (each.position - 1)::text, each.value FROM jsonb_array_elements(CASE jsonb_typeof(leaf.value) WHEN 'array' THEN leaf.value ELSE '[]' END) WITH ORDINALITY AS each (value, position)
    ) AS child
  ), moves AS (
    SELECT row_number() OVER () AS n, move.at, move.value FROM (SELECT DISTINCT ON (at) * FROM (${moves.join(' UNION ALL ')}) AS any_move ORDER BY at, rank) AS move
  ), changed (n, value) AS (
    SELECT 0::bigint, ${whole}
    UNION ALL
    SELECT move.n, ${replaced('changed.value', 'move.at', 'move.value')} FROM changed JOIN moves AS move ON move.n = changed.n + 1
  ) SELECT value::text AS value FROM changed WHERE n > 0 ORDER BY n DESC LIMIT 1`
}

/** The root has no place to set. */
function replaced(whole: string, at: string, value: string): string {
  return `CASE WHEN ${at} = '{}' THEN ${value} ELSE jsonb_set(${whole}, ${at}, ${value}) END`
}
