import { and, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { users } from '../schema/auth.ts'
import type { Json } from '../schema/json.ts'
import { type Actor, audited } from './audit.ts'
import type { Db } from './db.ts'
import { conflict, found, notFound } from './failures.ts'
import { createSession, type NewSession } from './sessions.ts'

export type User = typeof users.$inferSelect
export type NewUser = Pick<typeof users.$inferInsert, 'id' | 'email' | 'name' | 'image' | 'emailVerified'>

/** A user with a first session where one is given: both or neither. Throws OpsError `conflict` for an e-mail that is taken. */
export async function createUser(
  db: Db,
  user: NewUser,
  session?: Omit<NewSession, 'userId'>,
  by: Actor = {},
): Promise<User> {
  return audited(
    db,
    by,
    async tx => {
      const rows = await tx.insert(users).values(user).onConflictDoNothing().returning()
      const [made] = rows
      if (!made) throw conflict(`A user with the id ${user.id} or the e-mail address ${user.email}`)
      if (session) await createSession(tx, { ...session, userId: made.id })
      return made
    },
    ({ id, email }) => ({ action: 'create', table: 'users', record: id, changes: { email } }),
  )
}

export interface UserVisibility {
  /** Whether one that is deleted softly is found as well. */
  readonly deleted?: boolean | undefined
}

/** Throws OpsError `not-found`. */
export async function getUser(db: Db, id: string, { deleted }: UserVisibility = {}): Promise<User> {
  const rows = await db
    .select()
    .from(users)
    .where(and(eq(users.id, id), deleted ? undefined : isNull(users.deletedAt)))
  return found(rows, 'user', id)
}

/** In any case. Throws OpsError `not-found`. */
export async function findUserByEmail(db: Db, email: string): Promise<User> {
  const rows = await db
    .select()
    .from(users)
    .where(and(sameEmail(email), isNull(users.deletedAt)))
  return found(rows, 'user', email)
}

/**
 * Makes a user, or gives the one with this e-mail address (in any case) the name, picture and verification that are
 * given. Throws OpsError `not-found` for the address of a user who is deleted softly.
 */
export async function upsertUserByEmail(db: Db, user: NewUser): Promise<User> {
  const { id, email, name = null, image = null, emailVerified = false } = user
  return db.transaction(async tx => {
    // written out: drizzle takes columns only for what may be in conflict, and the index is on an expression
    await tx.execute(sql`
      insert into ${users} (id, email, name, image, email_verified)
      values (${id}, ${email}, ${name}, ${image}, ${emailVerified})
      on conflict (lower(email)) do update set
        name = coalesce(excluded.name, ${users}.name),
        image = coalesce(excluded.image, ${users}.image),
        email_verified = excluded.email_verified or ${users}.email_verified,
        updated_at = now()`)
    return findUserByEmail(tx, email)
  })
}

export type UserChanges = Partial<Pick<User, 'email' | 'name' | 'image' | 'emailVerified' | 'lastLoginAt'>>

/** Throws OpsError `not-found`. */
export async function updateUser(db: Db, id: string, changes: UserChanges): Promise<User> {
  const rows = await db
    .update(users)
    .set(changes)
    .where(and(eq(users.id, id), isNull(users.deletedAt)))
    .returning()
  return found(rows, 'user', id)
}

/**
 * Sets one value deep inside `metadata.preferences` and leaves the rest, in one statement: two who set different
 * preferences at once both succeed. Objects on the way are made.
 */
export async function setPreference(db: Db, id: string, path: readonly string[], value: Json): Promise<void> {
  const whole = ['preferences', ...path]
  // jsonb_set makes only the last key of a path: from the outside in, each level where it is missing
  const withParents = whole.slice(0, -1).reduce<SQL>((document, _, depth) => {
    const parent = textArray(whole.slice(0, depth + 1))
    return sql`jsonb_set(${document}, ${parent}, coalesce(nullif(${document} #> ${parent}, 'null'), '{}'))`
  }, sql`coalesce(${users.metadata}, '{}')`)
  const rows = await db
    .update(users)
    .set({ metadata: sql`jsonb_set(${withParents}, ${textArray(whole)}, ${JSON.stringify(value)}::jsonb)` })
    .where(and(eq(users.id, id), isNull(users.deletedAt)))
    .returning({ id: users.id })
  found(rows, 'user', id)
}

function textArray(words: readonly string[]): SQL {
  return sql`array[${sql.join(
    words.map(word => sql`${word}`),
    sql`, `,
  )}]::text[]`
}

/** Hides a user; what is theirs stays. */
export async function deleteUser(db: Db, id: string, by: Actor = {}): Promise<User> {
  return hide(db, id, by, 'delete')
}

/** Throws OpsError `not-found` for a user that is not deleted. */
export async function restoreUser(db: Db, id: string, by: Actor = {}): Promise<User> {
  return hide(db, id, by, 'restore')
}

async function hide(db: Db, id: string, by: Actor, action: 'delete' | 'restore'): Promise<User> {
  const [deletedAt, before] =
    action === 'delete' ? [sql`now()`, isNull(users.deletedAt)] : [null, isNotNull(users.deletedAt)]
  return audited(
    db,
    by,
    async tx =>
      found(
        await tx
          .update(users)
          .set({ deletedAt })
          .where(and(eq(users.id, id), before))
          .returning(),
        'user',
        id,
      ),
    () => ({ action, table: 'users', record: id }),
  )
}

/** Deletes a user for good, with everything that is theirs. Throws OpsError `not-found`. */
export async function destroyUser(db: Db, id: string, by: Actor = {}): Promise<void> {
  await audited(
    db,
    by,
    async tx => {
      const rows = await tx.delete(users).where(eq(users.id, id)).returning({ id: users.id })
      if (rows.length === 0) throw notFound('user', id)
    },
    () => ({ action: 'destroy', table: 'users', record: id }),
  )
}

function sameEmail(email: string): SQL {
  return sql`lower(${users.email}) = lower(${email})`
}
