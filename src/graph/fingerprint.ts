import { createHash } from 'node:crypto'
import type { Oid } from '../catalog/relations.ts'
import type { Database } from '../database/database.ts'

/**
 * SHA-256 of what an import has to fit: for these tables the columns with their types, which of them are NOT NULL,
 * generated or identities, and the constraints. The same for the same schema on every version of PostgreSQL;
 * names of constraints and the order of columns do not count.
 */
export async function schemaFingerprint(database: Database, tables: readonly Oid[]): Promise<string> {
  const facts = await database.query<{ fact: string }>`
    WITH chosen AS (
      SELECT relation.oid, format('%I.%I', namespace.nspname, relation.relname) AS name
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE relation.oid IN (SELECT json_array_elements_text(${JSON.stringify(tables)}::text::json)::oid)
    )
    SELECT concat_ws(' ', chosen.name, attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
                     CASE WHEN attribute.attnotnull THEN 'not null' END, attribute.attgenerated, attribute.attidentity)
           COLLATE "C" AS fact
    FROM chosen
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = chosen.oid
    WHERE attribute.attnum > 0 AND NOT attribute.attisdropped
    UNION ALL
    SELECT concat_ws(' ', chosen.name, pg_get_constraintdef(held.oid)) COLLATE "C"
    FROM chosen
    JOIN pg_catalog.pg_constraint AS held ON held.conrelid = chosen.oid
    -- since 18 NOT NULL is a constraint too
    WHERE held.contype IN ('p', 'u', 'f', 'c', 'x') AND held.conparentid = 0
    ORDER BY fact`
  return createHash('sha256')
    .update(facts.map(({ fact }) => fact).join('\n'))
    .digest('hex')
}
