import type { Sql } from 'postgres'

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly label: string | null
  readonly parent: string | null
  readonly key: string | null
  readonly always: boolean
}

/** Rows in every table that hang together: row n of a table points to row n of another. */
export async function fill(sql: Sql, rows = 4): Promise<void> {
  const columns = await sql<Column[]>`
    SELECT relation.oid::regclass::text AS "table", attribute.attname AS name,
           format_type(attribute.atttypid, attribute.atttypmod) AS type,
           (SELECT min(enumlabel) FROM pg_enum WHERE enumtypid = attribute.atttypid) AS label,
           key.confrelid::regclass::text AS parent, other.attname AS key, attribute.attidentity = 'a' AS always
    FROM pg_class AS relation
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_constraint AS key
      ON key.conrelid = relation.oid AND key.contype = 'f' AND key.conkey[1] = attribute.attnum
    LEFT JOIN pg_attribute AS other ON other.attrelid = key.confrelid AND other.attnum = key.confkey[1]
    WHERE relation.relkind = 'r' AND relation.oid >= 16384 AND relation.relname NOT LIKE '%migrations'
    ORDER BY relation.relname, attribute.attnum`
  const tables = new Map<string, Column[]>()
  for (const column of columns) tables.set(column.table, [...(tables.get(column.table) ?? []), column])
  const done = new Set<string>()
  while (done.size < tables.size) {
    const ready = [...tables].filter(
      ([table, own]) =>
        !done.has(table) && own.every(({ parent }) => !parent || parent === table || done.has(parent)),
    )
    if (ready.length === 0) throw new Error('The tables depend on each other.')
    for (const [table, own] of ready) {
      const names = own.map(({ name }) => `"${name}"`).join(', ')
      const values = own.map(column => valueFor(column)).join(', ')
      await sql.unsafe(
        `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM generate_series(1, ${rows}) AS n`,
      )
      done.add(table)
    }
  }
}

function valueFor({ table, name, type, label, parent, key }: Column): string {
  if (parent === table) return `CASE WHEN n > 1 THEN 'r' || n - 1 END`
  if (parent) return `(SELECT "${key}" FROM ${parent} ORDER BY 1 OFFSET n - 1 LIMIT 1)`
  if (label !== null) return `'${label}'::${type}`
  if (type === 'uuid') return 'gen_random_uuid()'
  if (type === 'integer' || type === 'bigint' || type === 'smallint') return 'n'
  if (type === 'boolean') return 'n % 2 = 0'
  if (type.startsWith('timestamp')) return `'2026-01-01 00:00:00.123456'::${type} + n * interval '1 hour'`
  if (type === 'json') return `'{"a" :\n null, "n": 1}'::json`
  if (type === 'jsonb')
    return `CASE n WHEN 1 THEN 'null' WHEN 2 THEN '[]' ELSE '{"a": [null, {"b": 1e400}]}' END::jsonb`
  if (name === 'uuid' || name === 'id') return `'r' || n`
  return `left('${name} \\ "' || n || E'"\\n', 30)`
}
