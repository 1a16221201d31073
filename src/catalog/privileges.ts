import type { Database } from '../database/database.ts'

/** Whether our role may create schemas in this database. */
export async function mayCreate(database: Database): Promise<boolean> {
  const [row] = await database.query<{ allowed: boolean }>`
    SELECT has_database_privilege(current_database(), 'CREATE') AS allowed`
  return row?.allowed === true
}
