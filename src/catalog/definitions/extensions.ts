import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface ExtensionDefinition {
  readonly oid: Oid
  readonly name: string
  readonly schema: string
}

export async function listExtensions(database: Database): Promise<ExtensionDefinition[]> {
  return database.query<ExtensionDefinition>`
    SELECT extension.oid::text AS oid, extension.extname AS name, namespace.nspname AS schema
    FROM pg_catalog.pg_extension AS extension
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = extension.extnamespace
    ORDER BY name`
}

/** What an extension brought with it. */
export interface MemberDefinition {
  /** The catalog that it is listed in, such as `pg_type`. */
  readonly catalog: string
  readonly oid: Oid
  readonly extension: Oid
}

export async function listMembers(database: Database): Promise<MemberDefinition[]> {
  return database.query<MemberDefinition>`
    SELECT classid::regclass::text AS catalog, objid::text AS oid, refobjid::text AS extension
    FROM pg_catalog.pg_depend
    WHERE deptype = 'e' AND refclassid = 'pg_catalog.pg_extension'::regclass AND objid >= 16384`
}
