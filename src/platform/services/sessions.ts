import { and, desc, eq, getTableColumns, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { sessions, users } from '../schema/auth.ts'
import { type Actor, audited } from './audit.ts'
import type { Db } from './db.ts'
import { found, notFound, tokenMismatch } from './failures.ts'
import { afterCursor, cursorOf, type Keyset, type Page, paged, totalColumn } from './page.ts'

export type Session = typeof sessions.$inferSelect
export type NewSession = Pick<
  typeof sessions.$inferInsert,
  'id' | 'userId' | 'token' | 'expiresAt' | 'ipAddress' | 'userAgent'
>

/** Throws OpsError `not-found` for a user that does not exist or is deleted. */
export async function createSession(db: Db, session: NewSession): Promise<Session> {
  const owners = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, session.userId), isNull(users.deletedAt)))
  found(owners, 'user', session.userId)
  const rows = await db.insert(sessions).values(session).returning()
  return found(rows, 'session', session.id)
}

/**
 * Gives a session a new token if it still has the old one: of several who rotate at once exactly one succeeds.
 * Throws OpsError `token-mismatch`, or `not-found`.
 */
export async function rotateToken(
  db: Db,
  id: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Session> {
  const [rotated] = await db
    .update(sessions)
    .set({ token: to, lastActiveAt: sql`now()` })
    .where(and(eq(sessions.id, id), eq(sessions.token, from), eq(sessions.status, 'active')))
    .returning()
  if (rotated) return rotated
  const rows = await db.select({ status: sessions.status }).from(sessions).where(eq(sessions.id, id))
  if (rows[0]?.status === 'active') throw tokenMismatch(id)
  throw notFound('session', id)
}

/** Throws OpsError `not-found` for one that is not active. */
export async function revokeSession(db: Db, id: string, by: Actor = {}): Promise<void> {
  await audited(
    db,
    by,
    async tx => {
      const rows = await tx
        .update(sessions)
        .set({ status: 'revoked' })
        .where(and(eq(sessions.id, id), eq(sessions.status, 'active')))
        .returning({ id: sessions.id })
      found(rows, 'session', id)
    },
    () => ({ action: 'revoke', table: 'sessions', record: id }),
  )
}

/** Revokes all of a user's sessions and says how many were active. */
export async function revokeSessionsOf(db: Db, userId: string, by: Actor = {}): Promise<number> {
  return audited(
    db,
    by,
    async tx => {
      const rows = await tx
        .update(sessions)
        .set({ status: 'revoked' })
        .where(and(eq(sessions.userId, userId), eq(sessions.status, 'active')))
        .returning({ id: sessions.id })
      return rows.length
    },
    revoked => ({ action: 'revoke-all', table: 'sessions', record: userId, changes: { revoked } }),
  )
}

const NEWEST: Keyset = { instant: sessions.createdAt, key: sessions.id }

/** Neither expired nor revoked; newest first, without their tokens. */
export async function listActiveSessions(
  db: Db,
  { userId }: { readonly userId?: string | undefined },
  page: Page,
) {
  const { token, ...listed } = getTableColumns(sessions)
  const condition = and(
    eq(sessions.status, 'active'),
    gt(sessions.expiresAt, sql`now()`),
    userId === undefined ? undefined : eq(sessions.userId, userId),
  )
  const counted = db.select({ n: sql<number>`count(*)::int` }).from(sessions).where(condition)
  const rows = await db
    .select({ ...listed, cursor: cursorOf(NEWEST), total: totalColumn(page, counted) })
    .from(sessions)
    .where(and(condition, afterCursor(NEWEST, page.after)))
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .limit(page.limit + 1)
    .offset(page.offset ?? 0)
  return paged(page, rows, async () => (await counted)[0]?.n ?? 0)
}

/** Which sessions are beyond use: expired, or without a sign of life for so many days. */
function useless(idleDays: number | undefined) {
  const idle = sql`make_interval(days => ${idleDays ?? 0}::int)`
  return or(
    lt(sessions.expiresAt, sql`now()`),
    idleDays === undefined
      ? undefined
      : lt(sql`coalesce(${sessions.lastActiveAt}, ${sessions.createdAt})`, sql`now() - ${idle}`),
  )
}

export interface Purge {
  readonly idleDays?: number | undefined
}

export async function countUselessSessions(db: Db, { idleDays }: Purge): Promise<number> {
  const [row] = await db.select({ n: sql<number>`count(*)::int` }).from(sessions).where(useless(idleDays))
  return row?.n ?? 0
}

/** Deletes what is expired, or idle for so many days, and says how many. */
export async function purgeSessions(db: Db, { idleDays }: Purge, by: Actor = {}): Promise<number> {
  return audited(
    db,
    by,
    async tx => {
      const gone = tx
        .$with('gone')
        .as(tx.delete(sessions).where(useless(idleDays)).returning({ id: sessions.id }))
      const [row] = await tx.with(gone).select({ n: sql<number>`count(*)::int` }).from(gone)
      return row?.n ?? 0
    },
    purged => ({
      action: 'purge',
      table: 'sessions',
      record: 'all',
      changes: { purged, idleDays: idleDays ?? null },
    }),
  )
}
