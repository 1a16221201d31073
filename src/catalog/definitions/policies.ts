import type { Database } from '../../database/database.ts'
import type { Oid } from '../relations.ts'

export interface PolicyDefinition {
  readonly oid: Oid
  readonly name: string
  readonly table: Oid
  readonly command: 'ALL' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  readonly permissive: boolean
  /** Quoted where they must be; PUBLIC for everybody. */
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
}

export async function listPolicies(database: Database): Promise<PolicyDefinition[]> {
  return database.query<PolicyDefinition>`
    SELECT policy.oid::text AS oid, policy.polname AS name, policy.polrelid::text AS "table",
           CASE policy.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                              WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
           policy.polpermissive AS permissive,
           (SELECT json_agg(coalesce(quote_ident(role.rolname), 'PUBLIC') ORDER BY role.rolname)
            FROM unnest(policy.polroles) AS named (oid)
            LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = named.oid) AS roles,
           pg_get_expr(policy.polqual, policy.polrelid) AS "using",
           pg_get_expr(policy.polwithcheck, policy.polrelid) AS "check"
    FROM pg_catalog.pg_policy AS policy
    JOIN pg_catalog.pg_class AS relation ON relation.oid = policy.polrelid
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE namespace.nspname !~ '^pg_' AND namespace.nspname <> 'information_schema'
    ORDER BY policy.polrelid, name`
}
