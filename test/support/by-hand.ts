import type { Sql, TransactionSql } from 'postgres'

/** What a statement did, as pg_locks and pg_class show it to the session that ran it. */
export interface ByHand {
  /** `AccessExclusiveLock public.users` */
  readonly locks: readonly string[]
  /** Tables whose relfilenode is another now. */
  readonly rewrites: readonly string[]
}

interface Row {
  readonly oid: string
  readonly name: string
  readonly kind: string
  readonly filenode: string
}

/** BEGIN; the statement; SELECT from pg_locks; ROLLBACK. System catalogs and TOAST are left out. */
export async function byHand(sql: Sql, statement: string): Promise<ByHand> {
  // plans of foreign key checks that an earlier statement left behind spare locks on indexes
  await sql.unsafe('DISCARD PLANS')
  const before = await relations(sql)
  let found: ByHand = { locks: [], rewrites: [] }
  await sql
    .begin(async transaction => {
      await transaction.unsafe(statement).simple()
      const held = await transaction<{ oid: string; mode: string }[]>`
        SELECT relation::text AS oid, mode FROM pg_locks
        WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384`
      const after = await relations(transaction)
      // a table that is there for the length of a statement has no name
      const named = held.flatMap(({ oid, mode }) => {
        const relation = before.get(oid) ?? after.get(oid)
        return relation ? `${mode} ${relation.name}` : []
      })
      const rewritten = [...before].filter(
        ([oid, { kind, filenode }]) =>
          'rm'.includes(kind) && (after.get(oid)?.filenode ?? filenode) !== filenode,
      )
      found = { locks: [...new Set(named)].sort(), rewrites: rewritten.map(([, { name }]) => name).sort() }
      throw new Error('enough')
    })
    .catch(error => {
      if (error.message !== 'enough') throw new Error(`${statement}: ${error.message}`)
    })
  return found
}

async function relations(sql: Sql | TransactionSql): Promise<Map<string, Row>> {
  const rows = await sql<Row[]>`
    SELECT c.oid::text AS oid, format('%I.%I', regexp_replace(nspname, '^pg_temp_.*', 'pg_temp'), relname) AS name, relkind AS kind, relfilenode::text AS filenode
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE c.oid >= 16384 AND nspname !~ '^pg_toast'`
  return new Map(rows.map(row => [row.oid, row]))
}
