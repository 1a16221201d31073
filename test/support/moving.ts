import type { TestDatabase } from './databases.ts'
import type { GuestName } from './guests.ts'

/** What an export says of itself, as far as a comparison needs it. */
export interface Exported {
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  readonly cleared: readonly { readonly reference: string }[]
}

/** The table from which the rest of each project hangs. */
export const rootTables = {
  platform: 'projects',
  codegen: 'projects',
  'product-helper': 'projects',
  'claude-code': 'claude_code_users',
  draehi: 'workspaces',
  'backend-template': 'users',
  'backend-template-1.0': 'users',
} satisfies Partial<Record<GuestName, string>>

/** The first keys of a table, as a person would type them. */
export async function firstKeys({ sql }: TestDatabase, table: string, count: number): Promise<string[]> {
  const rows = await sql<
    { key: string }[]
  >`SELECT id::text AS key FROM ${sql(table)} ORDER BY id LIMIT ${count}`
  return rows.map(({ key }) => key)
}

/** The rows of the tables that were exported as JSON, without the references that were set to NULL on the way. */
export async function rowsOf({ sql }: TestDatabase, { tables, cleared }: Exported): Promise<Set<string>> {
  const found = new Set<string>()
  for (const { table } of tables) {
    const name = table.split('.').at(-1) ?? ''
    const left = cleared.flatMap(({ reference }) => {
      const [from, columns = ''] = reference.split('.')
      return from === name ? columns.split(',') : []
    })
    const rows = await sql<{ row: string }[]>`
      SELECT (to_jsonb(each.*) - ARRAY(SELECT json_array_elements_text(${JSON.stringify(left)}::text::json)))::text AS row
      FROM ${sql(table)} AS each`
    for (const { row } of rows) found.add(`${name} ${row}`)
  }
  return found
}
