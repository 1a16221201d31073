import type { Database } from '../database/database.ts'
import { inScope, type Scope } from './scope.ts'

/** A table for a diagram of the schema. Partitions go by their table. */
export interface DiagramTable {
  readonly schema: string
  readonly table: string
  readonly columns: readonly {
    readonly name: string
    /** As SQL writes it: `character varying(255)`. */
    readonly type: string
    readonly required: boolean
    readonly primaryKey: boolean
    readonly foreignKey: boolean
    readonly unique: boolean
  }[]
}

/** A foreign key between two of them. */
export interface DiagramReference {
  readonly constraint: string
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
  readonly referencedSchema: string
  readonly referencedTable: string
  readonly referencedColumns: readonly string[]
  /** Each row has one. */
  readonly required: boolean
  /** No two rows have the same one. */
  readonly unique: boolean
}

/** Takes no lock: names and types come from the catalogs alone. */
export async function diagramTables(database: Database, scope: Scope): Promise<DiagramTable[]> {
  return database.query<DiagramTable>`
    SELECT namespace.nspname AS schema, relation.relname AS "table",
           coalesce(json_agg(json_build_object(
             'name', attribute.attname, 'type', format_type(attribute.atttypid, attribute.atttypmod),
             'required', attribute.attnotnull,
             'primaryKey', EXISTS (SELECT FROM pg_catalog.pg_constraint
                                   WHERE conrelid = relation.oid AND contype = 'p' AND attribute.attnum = ANY (conkey)),
             'foreignKey', EXISTS (SELECT FROM pg_catalog.pg_constraint
                                   WHERE conrelid = relation.oid AND contype = 'f' AND attribute.attnum = ANY (conkey)),
             'unique', EXISTS (SELECT FROM pg_catalog.pg_index
                               WHERE indrelid = relation.oid AND indisunique AND indisvalid AND indnkeyatts = 1
                                 AND indpred IS NULL AND indkey[0] = attribute.attnum))
             ORDER BY attribute.attnum) FILTER (WHERE attribute.attnum IS NOT NULL), '[]') AS columns
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    WHERE relation.relkind IN ('r', 'p') AND NOT relation.relispartition AND ${inScope(database, scope)}
    GROUP BY namespace.nspname, relation.relname, relation.oid
    ORDER BY schema, "table"`
}

export async function diagramReferences(database: Database): Promise<DiagramReference[]> {
  return database.query<DiagramReference>`
    SELECT reference.conname AS "constraint", namespace.nspname AS schema, relation.relname AS "table",
           parent_namespace.nspname AS "referencedSchema", parent.relname AS "referencedTable",
           pair.columns, pair.referenced AS "referencedColumns", pair.required,
           EXISTS (SELECT FROM pg_catalog.pg_index AS index
                   WHERE index.indrelid = relation.oid AND index.indisunique AND index.indisvalid AND index.indpred IS NULL
                     AND index.indexprs IS NULL AND (index.indkey::int2[])[0:index.indnkeyatts - 1] <@ reference.conkey) AS unique
    FROM pg_catalog.pg_constraint AS reference
    JOIN pg_catalog.pg_class AS relation ON relation.oid = reference.conrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_class AS parent ON parent.oid = reference.confrelid
    JOIN pg_catalog.pg_namespace AS parent_namespace ON parent_namespace.oid = parent.relnamespace
    CROSS JOIN LATERAL (
      SELECT json_agg(own.attname ORDER BY key.position) AS columns,
             json_agg(theirs.attname ORDER BY key.position) AS referenced, bool_and(own.attnotnull) AS required
      FROM unnest(reference.conkey, reference.confkey) WITH ORDINALITY AS key (own, theirs, position)
      JOIN pg_catalog.pg_attribute AS own ON own.attrelid = reference.conrelid AND own.attnum = key.own
      JOIN pg_catalog.pg_attribute AS theirs ON theirs.attrelid = reference.confrelid AND theirs.attnum = key.theirs) AS pair
    WHERE reference.contype = 'f' AND reference.conparentid = 0
    ORDER BY schema, "table", "constraint"`
}
