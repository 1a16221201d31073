import { expect, it } from 'vitest'
import { migratedGuest } from '../support/guests.ts'
import { ops } from '../support/program.ts'

it('makes a platform in which time runs forwards and no workspace has two pages of a title', async () => {
  const { database, here } = await migratedGuest('platform')
  const { code, stderr } = await ops(['seed', '--yes', '--now', '2026-06-01'], here)
  expect(code, stderr).toBe(0)
  const { sql } = database
  const references = await sql<{ child: string; column: string; parent: string; key: string }[]>`
    SELECT conrelid::regclass::text AS child, attribute.attname AS column, confrelid::regclass::text AS parent, key.attname AS key
    FROM pg_constraint
    JOIN pg_attribute AS attribute ON attribute.attrelid = conrelid AND attribute.attnum = conkey[1]
    JOIN pg_attribute AS key ON key.attrelid = confrelid AND key.attnum = confkey[1]
    WHERE contype = 'f' AND conrelid <> confrelid
      AND 2 = (SELECT count(*) FROM pg_attribute WHERE attname = 'created_at' AND attrelid IN (conrelid, confrelid))`
  expect(references.length).toBeGreaterThan(8)
  for (const { child, column, parent, key } of references)
    expect([
      child,
      parent,
      ...(await sql`
        SELECT child.created_at FROM ${sql(child)} AS child JOIN ${sql(parent)} AS parent
        ON parent.${sql(key)} = child.${sql(column)} WHERE child.created_at < parent.created_at LIMIT 1`),
    ]).toEqual([child, parent])
  expect(
    await sql`SELECT workspace_id, title FROM nodes GROUP BY workspace_id, title HAVING count(*) > 1`,
  ).toEqual([])
})
