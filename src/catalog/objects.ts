import type { Database } from '../database/database.ts'
import type { SchemaObject } from '../migrations/snapshot.ts'

/** Those of the objects that the database does not hold, in their order. */
export async function missingObjects(
  database: Database,
  objects: readonly SchemaObject[],
): Promise<SchemaObject[]> {
  return database.query<SchemaObject>`
    SELECT wanted.kind, wanted.schema, wanted.name, wanted.column
    FROM ROWS FROM (json_to_recordset(${JSON.stringify(objects)}::text::json)
                      AS (kind text, schema text, name text, "column" text))
      WITH ORDINALITY AS wanted (kind, schema, name, "column", position)
    LEFT JOIN pg_catalog.pg_namespace AS namespace ON namespace.nspname = wanted.schema
    LEFT JOIN pg_catalog.pg_class AS relation
      ON relation.relnamespace = namespace.oid AND relation.relname = wanted.name AND wanted.kind IN ('table', 'column')
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = relation.oid AND attribute.attname = wanted.column AND NOT attribute.attisdropped
    LEFT JOIN pg_catalog.pg_type AS type
      ON type.typnamespace = namespace.oid AND type.typname = wanted.name AND wanted.kind = 'type'
    WHERE CASE wanted.kind
            WHEN 'schema' THEN namespace.oid IS NULL
            WHEN 'table' THEN relation.oid IS NULL
            WHEN 'column' THEN attribute.attnum IS NULL
            ELSE type.oid IS NULL
          END
    ORDER BY wanted.position`
}
