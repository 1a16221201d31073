import type { Database } from '../../database/database.ts'
import type { CatalogEntity } from '../described.ts'
import { isTable, within } from './scope.ts'

export async function describedColumns(database: Database, schemas: string): Promise<CatalogEntity[]> {
  return database.query<CatalogEntity>`
    SELECT 'columns' AS kind, namespace.nspname AS schema, relation.relname AS "table", attribute.attname AS name,
           json_build_object(
             'type', format_type(attribute.atttypid, attribute.atttypmod),
             'enum', CASE WHEN element.typtype = 'e' THEN element.typname END,
             'enumSchema', CASE WHEN element.typtype = 'e' THEN place.nspname END,
             'dimensions', CASE WHEN type.typcategory = 'A' THEN greatest(attribute.attndims, 1) ELSE 0 END,
             'notNull', attribute.attnotnull,
             'serial', owned.oid IS NOT NULL AND attribute.attidentity = '' AND preset.oid IS NOT NULL,
             'default', CASE WHEN attribute.attgenerated = '' AND owned.oid IS NULL
                             THEN pg_get_expr(preset.adbin, preset.adrelid) END,
             'generated', CASE WHEN attribute.attgenerated <> ''
                               THEN json_build_object('kind', attribute.attgenerated,
                                                      'as', pg_get_expr(preset.adbin, preset.adrelid)) END,
             'identity', CASE WHEN attribute.attidentity <> '' THEN json_build_object(
                'always', attribute.attidentity = 'a', 'increment', sequence.seqincrement::text,
                'start', sequence.seqstart::text, 'min', sequence.seqmin::text, 'max', sequence.seqmax::text,
                'cache', sequence.seqcache::text, 'cycle', sequence.seqcycle) END
           ) AS facts
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    JOIN pg_catalog.pg_type AS element
      ON element.oid = CASE WHEN type.typcategory = 'A' THEN type.typelem ELSE type.oid END
    JOIN pg_catalog.pg_namespace AS place ON place.oid = element.typnamespace
    LEFT JOIN pg_catalog.pg_attrdef AS preset
      ON preset.adrelid = attribute.attrelid AND preset.adnum = attribute.attnum
    LEFT JOIN LATERAL (
      -- the sequence of an identity, or of a serial: one that it owns and draws from
      SELECT held.objid AS oid
      FROM pg_catalog.pg_depend AS held
      WHERE held.refclassid = 'pg_catalog.pg_class'::regclass AND held.refobjid = relation.oid
        AND held.refobjsubid = attribute.attnum AND held.classid = 'pg_catalog.pg_class'::regclass
        AND (held.deptype = 'i' OR held.deptype = 'a' AND EXISTS (
               SELECT FROM pg_catalog.pg_depend AS drawn
               WHERE drawn.classid = 'pg_catalog.pg_attrdef'::regclass AND drawn.objid = preset.oid
                 AND drawn.refclassid = 'pg_catalog.pg_class'::regclass AND drawn.refobjid = held.objid))
      LIMIT 1
    ) AS owned ON true
    LEFT JOIN pg_catalog.pg_sequence AS sequence ON sequence.seqrelid = owned.oid
    WHERE namespace.nspname IN ${within(database, schemas)} AND ${isTable(database)}
    ORDER BY relation.oid, attribute.attnum`
}
