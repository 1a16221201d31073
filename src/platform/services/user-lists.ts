import { and, desc, eq, getTableColumns, gte, ilike, isNotNull, isNull, sql } from 'drizzle-orm'
import { sessions, users } from '../schema/auth.ts'
import type { Db } from './db.ts'
import { afterCursor, cursorOf, type Keyset, type Page, paged, totalColumn } from './page.ts'
import { containing } from './pattern.ts'

export interface UserFilter {
  /** Part of the e-mail address or of the name. */
  readonly search?: string | undefined
  readonly deleted?: 'also' | 'only' | undefined
}

const NEWEST: Keyset = { instant: users.createdAt, key: users.id }

/** Newest first, without their metadata. */
export async function listUsers(db: Db, { search, deleted }: UserFilter, page: Page) {
  const { metadata, ...listed } = getTableColumns(users)
  const condition = and(
    search === undefined
      ? undefined
      : sql`(${users.email} ilike ${containing(search)} or ${users.name} ilike ${containing(search)})`,
    DELETED[deleted ?? 'not'],
  )
  const counted = db.select({ n: sql<number>`count(*)::int` }).from(users).where(condition)
  const rows = await db
    .select({ ...listed, cursor: cursorOf(NEWEST), total: totalColumn(page, counted) })
    .from(users)
    .where(and(condition, afterCursor(NEWEST, page.after)))
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(page.limit + 1)
    .offset(page.offset ?? 0)
  return paged(page, rows, async () => (await counted)[0]?.n ?? 0)
}

const DELETED = { not: isNull(users.deletedAt), also: undefined, only: isNotNull(users.deletedAt) }

/** Users who logged in since then, by a pattern of their e-mail address such as `%@example.com`. */
export async function listActiveUsers(db: Db, since: Date, emailPattern = '%') {
  return db
    .select(getTableColumns(users))
    .from(users)
    .where(and(isNull(users.deletedAt), gte(users.lastLoginAt, since), ilike(users.email, emailPattern)))
    .orderBy(desc(users.lastLoginAt), users.id)
}

/** Every user who has had a session since then, and how many. */
export async function listUsersWithSessionCounts(db: Db, since: Date) {
  const count = sql<number>`count(*)::int`
  return db
    .select({ id: users.id, email: users.email, name: users.name, sessions: count })
    .from(users)
    .innerJoin(sessions, eq(sessions.userId, users.id))
    .where(and(isNull(users.deletedAt), gte(sessions.createdAt, since)))
    .groupBy(users.id)
    .orderBy(desc(count), users.id)
}
