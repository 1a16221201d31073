import type { Sql } from 'postgres'

/** Every row of every table of users' own as text, to the last bit, in an order of its own. */
export async function contentsOf(sql: Sql): Promise<Record<string, string[]>> {
  return sql.begin('isolation level repeatable read read only', async transaction => {
    await transaction.unsafe(
      "SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 3; SET LOCAL lc_monetary = 'C'",
    )
    const tables = await transaction<{ name: string }[]>`
      SELECT relation.oid::regclass::text AS name
      FROM pg_class AS relation
      WHERE relation.relkind IN ('r', 'p') AND NOT relation.relispartition AND relation.oid >= 16384
        AND relation.relname NOT LIKE 'drizzle_ops_%' ORDER BY 1`
    const contents: Record<string, string[]> = {}
    for (const { name } of tables) {
      const rows = await transaction.unsafe<{ row: string }[]>(
        `SELECT content::text AS row FROM ${name} AS content`,
      )
      contents[name] = rows.map(({ row }) => row).sort()
    }
    return contents
  })
}
