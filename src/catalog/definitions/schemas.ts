import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface SchemaDefinition {
  readonly oid: Oid
  readonly name: string
}

/** Here and in the files beside this one: what people made, but for temporary schemas and members of extensions. */
export async function listSchemas(database: Database): Promise<SchemaDefinition[]> {
  return database.query<SchemaDefinition>`
    SELECT namespace.oid::text AS oid, namespace.nspname AS name
    FROM pg_catalog.pg_namespace AS namespace
    WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = 'pg_catalog.pg_namespace'::regclass AND member.objid = namespace.oid
                        AND member.deptype = 'e')
    ORDER BY name`
}
