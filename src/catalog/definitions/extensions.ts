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
