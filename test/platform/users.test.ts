import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { auditLogs } from '../../src/platform/schema/audit.ts'
import { sessions, users } from '../../src/platform/schema/auth.ts'
import {
  countUselessSessions,
  createSession,
  listActiveSessions,
  purgeSessions,
  revokeSession,
  revokeSessionsOf,
  rotateToken,
} from '../../src/platform/services/sessions.ts'
import {
  listActiveUsers,
  listUsers,
  listUsersWithSessionCounts,
} from '../../src/platform/services/user-lists.ts'
import {
  createUser,
  deleteUser,
  destroyUser,
  findUserByEmail,
  getUser,
  restoreUser,
  setPreference,
  updateUser,
  upsertUserByEmail,
} from '../../src/platform/services/users.ts'
import { platformDatabase } from '../support/platform.ts'
import { majors } from '../support/shared-servers.ts'

const ada = { id: 'ada', email: 'Ada@Example.com', name: 'Ada' }
const tomorrow = () => new Date(Date.now() + 86_400_000)
const session = (id: string, expiresAt = tomorrow()) => ({ id, token: `token-${id}`, expiresAt })

describe.each(majors())('users on PostgreSQL %i', major => {
  it('are made with a first session, or not at all', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada, session('s1'))
    expect(await listActiveSessions(db, { userId: 'ada' }, { limit: 10 })).toMatchObject({
      rows: [{ id: 's1' }],
    })
    await expect(createUser(db, { id: 'other', email: 'ada@example.COM' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'A user with the id other or the e-mail address ada@example.COM exists already.',
    })
    await expect(createUser(db, { id: 'bob', email: 'bob@example.com' }, session('s1'))).rejects.toThrow()
    expect(await db.$count(users)).toBe(1)
  })

  it('are found, changed, hidden and shown again', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada)
    expect(await findUserByEmail(db, 'ADA@example.com')).toMatchObject({ id: 'ada' })
    expect(
      await upsertUserByEmail(db, { id: 'unused', email: 'ada@example.com', name: 'Ada L.' }),
    ).toMatchObject({ id: 'ada', name: 'Ada L.', email: 'Ada@Example.com' })
    expect(await upsertUserByEmail(db, { id: 'bob', email: 'bob@example.com' })).toMatchObject({ id: 'bob' })
    expect(await updateUser(db, 'ada', { emailVerified: true })).toMatchObject({ emailVerified: true })
    await deleteUser(db, 'ada')
    for (const hidden of [
      () => getUser(db, 'ada'),
      () => findUserByEmail(db, 'ada@example.com'),
      () => upsertUserByEmail(db, ada),
      () => deleteUser(db, 'ada'),
    ])
      await expect(hidden()).rejects.toMatchObject({ code: 'not-found' })
    expect(await getUser(db, 'ada', { deleted: true })).toMatchObject({ id: 'ada' })
    const ids = async (deleted?: 'also' | 'only') =>
      (await listUsers(db, { deleted }, { limit: 10 })).rows.map(({ id }) => id)
    expect([await ids(), await ids('only'), (await ids('also')).sort()]).toEqual([
      ['bob'],
      ['ada'],
      ['ada', 'bob'],
    ])
    await restoreUser(db, 'ada')
    await expect(restoreUser(db, 'ada')).rejects.toMatchObject({ code: 'not-found' })
    expect(await listUsers(db, { search: 'ada@' }, { limit: 1, count: true })).toMatchObject({
      rows: [{ id: 'ada' }],
      next: null,
      total: 1,
    })
    await destroyUser(db, 'ada')
    await expect(destroyUser(db, 'ada')).rejects.toMatchObject({ code: 'not-found' })
    expect(
      await db
        .select({ action: auditLogs.action })
        .from(auditLogs)
        .where(eq(auditLogs.recordId, 'ada'))
        .orderBy(auditLogs.id),
    ).toEqual(['create', 'delete', 'restore', 'destroy'].map(action => ({ action })))
  })

  it('have preferences that are set one by one, also at once', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada)
    await setPreference(db, 'ada', ['editor', 'font', 'size'], 12)
    await setPreference(db, 'ada', ['theme'], 'dark')
    await Promise.all(Array.from({ length: 20 }, (_, n) => setPreference(db, 'ada', ['seen', `${n}`], true)))
    const { metadata } = await getUser(db, 'ada')
    expect(metadata?.preferences).toMatchObject({ editor: { font: { size: 12 } }, theme: 'dark' })
    expect(Object.keys(metadata?.preferences?.seen ?? {})).toHaveLength(20)
    await expect(setPreference(db, 'nobody', ['theme'], null)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are listed by when they came last', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada, session('s1'))
    await createUser(db, { id: 'bob', email: 'bob@other.org' })
    await db.update(users).set({ lastLoginAt: sql`now()` })
    const hourAgo = new Date(Date.now() - 3_600_000)
    expect((await listActiveUsers(db, hourAgo)).map(({ id }) => id).sort()).toEqual(['ada', 'bob'])
    expect((await listActiveUsers(db, hourAgo, '%@EXAMPLE.com')).map(({ id }) => id)).toEqual(['ada'])
    expect(await listActiveUsers(db, tomorrow())).toEqual([])
    expect(await listUsersWithSessionCounts(db, hourAgo)).toEqual([
      { id: 'ada', email: ada.email, name: 'Ada', sessions: 1 },
    ])
  })
})

describe.each(majors())('sessions on PostgreSQL %i', major => {
  it('are given to users who are there', async () => {
    const { db } = await platformDatabase(major)
    await expect(createSession(db, { ...session('s1'), userId: 'ada' })).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no user ada.',
    })
  })

  it('let one of 50 who rotate a token at once win', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada, session('s1'))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => rotateToken(db, 's1', { from: 'token-s1', to: `new-${n}` })),
    )
    const refused = outcomes.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
    expect(refused).toHaveLength(49)
    for (const reason of refused)
      expect(reason).toMatchObject({
        code: 'token-mismatch',
        message: 'Session s1 has another token by now: somebody else rotated it first.',
      })
    await expect(rotateToken(db, 'none', { from: 'a', to: 'b' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are revoked one by one or all of a user', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada, session('s1'))
    await createSession(db, { ...session('s2'), userId: 'ada' })
    await createSession(db, { ...session('s3'), userId: 'ada' })
    await revokeSession(db, 's1')
    await expect(revokeSession(db, 's1')).rejects.toMatchObject({ code: 'not-found' })
    await expect(rotateToken(db, 's1', { from: 'token-s1', to: 'x' })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await revokeSessionsOf(db, 'ada')).toBe(2)
    expect(await listActiveSessions(db, {}, { limit: 10, count: true })).toEqual({
      rows: [],
      next: null,
      total: 0,
    })
  })

  it('are purged when expired, or idle for too long', async () => {
    const { db } = await platformDatabase(major)
    await createUser(db, ada, session('fresh'))
    await createSession(db, { ...session('expired', new Date(Date.now() - 1000)), userId: 'ada' })
    await createSession(db, { ...session('idle'), userId: 'ada' })
    await db
      .update(sessions)
      .set({ lastActiveAt: sql`now() - interval '31 days'` })
      .where(eq(sessions.id, 'idle'))
    expect(await countUselessSessions(db, {})).toBe(1)
    expect(await countUselessSessions(db, { idleDays: 30 })).toBe(2)
    expect(await purgeSessions(db, {})).toBe(1)
    expect(await purgeSessions(db, { idleDays: 30 })).toBe(1)
    expect(await db.select({ id: sessions.id }).from(sessions)).toEqual([{ id: 'fresh' }])
  })
})
