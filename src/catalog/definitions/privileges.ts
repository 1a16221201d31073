import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

/** What one role may do with one object, beyond what its owner may and what everybody may from the beginning. */
export interface PrivilegeDefinition {
  /** The catalog that the object is listed in. */
  readonly catalog: 'pg_namespace' | 'pg_class' | 'pg_proc' | 'pg_type'
  readonly oid: Oid
  /** The column's number, or 0. */
  readonly column: number
  /** Quoted where it must be; PUBLIC for everybody. */
  readonly role: string
  /** `SELECT`, or `SELECT WITH GRANT OPTION`. */
  readonly privileges: readonly string[]
}

/** Owners differ from server to server, and may do everything: theirs are left out. */
export async function listPrivileges(database: Database): Promise<PrivilegeDefinition[]> {
  return database.query<PrivilegeDefinition>`
    WITH held AS (
      SELECT 'pg_namespace' AS catalog, oid, 0 AS "column", nspowner AS owner,
             coalesce(nspacl, acldefault('n', nspowner)) AS privileges, nspname AS schema
      FROM pg_catalog.pg_namespace
      UNION ALL
      SELECT 'pg_class', relation.oid, 0, relation.relowner,
             coalesce(relation.relacl, acldefault(CASE relation.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relation.relowner)),
             namespace.nspname
      FROM pg_catalog.pg_class AS relation
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE relation.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      UNION ALL
      SELECT 'pg_class', relation.oid, attribute.attnum, relation.relowner, attribute.attacl, namespace.nspname
      FROM pg_catalog.pg_attribute AS attribute
      JOIN pg_catalog.pg_class AS relation ON relation.oid = attribute.attrelid
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
      WHERE attribute.attacl IS NOT NULL AND attribute.attnum > 0 AND NOT attribute.attisdropped
      UNION ALL
      SELECT 'pg_proc', routine.oid, 0, routine.proowner, coalesce(routine.proacl, acldefault('f', routine.proowner)),
             namespace.nspname
      FROM pg_catalog.pg_proc AS routine
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = routine.pronamespace
      UNION ALL
      SELECT 'pg_type', type.oid, 0, type.typowner, coalesce(type.typacl, acldefault('T', type.typowner)), namespace.nspname
      FROM pg_catalog.pg_type AS type
      JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = type.typnamespace
      WHERE type.typtype IN ('e', 'd', 'r')
    )
    SELECT held.catalog, held.oid::text AS oid, held."column"::int AS "column",
           coalesce(quote_ident(role.rolname), 'PUBLIC') AS role,
           json_agg(privilege.privilege_type || CASE WHEN privilege.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
                    ORDER BY privilege.privilege_type) AS privileges
    FROM held
    CROSS JOIN aclexplode(held.privileges) AS privilege
    LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = privilege.grantee
    WHERE privilege.grantee <> held.owner AND held.schema !~ '^pg_' AND held.schema <> 'information_schema'
    GROUP BY held.catalog, held.oid, held."column", role.rolname
    ORDER BY held.catalog, held.oid, held."column", role`
}
