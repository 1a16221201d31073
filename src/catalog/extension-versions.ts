import type { Database } from '../database/database.ts'

export interface ExtensionVersion {
  readonly name: string
  readonly schema: string
  readonly installed: string
  /** What CREATE EXTENSION would install; null where the server has lost its files. */
  readonly offered: string | null
  readonly outdated: boolean
  readonly description: string | null
}

export async function extensionVersions(database: Database): Promise<ExtensionVersion[]> {
  return database.query<ExtensionVersion>`
    SELECT installed.extname AS name, namespace.nspname AS schema, installed.extversion AS installed,
           offered.default_version AS offered, coalesce(installed.extversion <> offered.default_version, false) AS outdated,
           offered.comment AS description
    FROM pg_catalog.pg_extension AS installed
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = installed.extnamespace
    LEFT JOIN pg_catalog.pg_available_extensions AS offered ON offered.name = installed.extname
    ORDER BY installed.extname`
}
