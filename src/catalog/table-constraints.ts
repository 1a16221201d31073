import type { Database } from '../database/database.ts'
import { quotedIdentifier } from '../database/identifier.ts'
import type { Oid } from './relations.ts'

export interface TableConstraintRow {
  readonly table: Oid
  /** The column that is NOT NULL; null for all other constraints. */
  readonly column: string | null
  /** As pg_get_constraintdef says it, or `NOT NULL name`. The same on every version of PostgreSQL. */
  readonly definition: string
}

/** What the rows of these tables have to meet. Those of partitions are the whole table's. */
export async function listTableConstraints(
  database: Database,
  tables: readonly Oid[],
): Promise<TableConstraintRow[]> {
  const oids = JSON.stringify(tables)
  const rows = await database.query<TableConstraintRow>`
    SELECT held.conrelid::text AS "table", NULL AS "column", pg_get_constraintdef(held.oid) COLLATE "C" AS definition
    FROM pg_catalog.pg_constraint AS held
    WHERE held.conrelid IN (SELECT json_array_elements_text(${oids}::text::json)::oid)
      -- since 18 NOT NULL is a constraint too
      AND held.contype IN ('p', 'u', 'f', 'c', 'x') AND held.conparentid = 0
    UNION ALL
    SELECT attribute.attrelid::text, attribute.attname, 'NOT NULL' COLLATE "C"
    FROM pg_catalog.pg_attribute AS attribute
    WHERE attribute.attrelid IN (SELECT json_array_elements_text(${oids}::text::json)::oid)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attnotnull AND attribute.attgenerated = ''
    ORDER BY 1, 3, 2`
  return rows.map(row =>
    row.column === null ? row : { ...row, definition: `NOT NULL ${quotedIdentifier(row.column)}` },
  )
}
