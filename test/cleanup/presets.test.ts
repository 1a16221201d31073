import { expect, expectTypeOf, it } from 'vitest'
import {
  authJs,
  betterAuth,
  type ColumnName,
  defineOps,
  softDelete,
  type TableName,
} from '../../src/config.ts'
import type * as schema from '../../src/platform/schema/index.ts'
import { cleaning } from '../support/cleaning.ts'
import { newestMajor } from '../support/shared-servers.ts'

it('betterAuth takes expired sessions and verifications', async () => {
  const { database, cleaned } = await cleaning(
    newestMajor(),
    betterAuth,
    `CREATE TABLE session (id text PRIMARY KEY, expires_at timestamp NOT NULL);
     CREATE TABLE verification (id text PRIMARY KEY, expires_at timestamp NOT NULL);
     INSERT INTO session VALUES ('old', '2020-01-01'), ('new', '2999-01-01');
     INSERT INTO verification VALUES ('old', '2020-01-01'), ('new', '2999-01-01')`,
  )
  expect((await cleaned()).policies).toMatchObject([
    { name: 'sessions', table: 'public.session', deleted: 1 },
    { name: 'verifications', table: 'public.verification', deleted: 1 },
  ])
  expect(await database.sql`SELECT id FROM session`).toEqual([{ id: 'new' }])
})

it('authJs takes expired sessions and tokens, which have a composite key of text', async () => {
  const { database, cleaned } = await cleaning(
    newestMajor(),
    authJs,
    `CREATE TABLE session ("sessionToken" text PRIMARY KEY, expires timestamp NOT NULL);
     CREATE TABLE "verificationToken" (identifier text, token text, expires timestamp NOT NULL, PRIMARY KEY (identifier, token));
     INSERT INTO session VALUES ('old', '2020-01-01'), ('new', '2999-01-01');
     INSERT INTO "verificationToken" VALUES ('ä', 'Z', '2020-01-01'), ('a', 'b', '2020-01-01'), ('a', 'c', '2999-01-01'), ('a', 'd', '2999-01-01')`,
  )
  expect((await cleaned('--batch-size', '1')).policies).toMatchObject([{ deleted: 1 }, { deleted: 2 }])
  expect(await database.sql`SELECT token FROM "verificationToken" ORDER BY token`).toEqual([
    { token: 'c' },
    { token: 'd' },
  ])
})

it('softDelete takes what was marked as deleted for longer than 30 days', async () => {
  expect(softDelete('posts')).toEqual({ table: 'posts', column: 'deleted_at', olderThan: '30d' })
  const { database, cleaned } = await cleaning(
    newestMajor(),
    { posts: softDelete('posts') },
    `CREATE TABLE posts (id int PRIMARY KEY, deleted_at timestamp);
     INSERT INTO posts VALUES (1, '2020-01-01'), (2, now()), (3, NULL)`,
  )
  expect((await cleaned()).policies).toMatchObject([{ deleted: 1 }])
  expect(await database.sql`SELECT id FROM posts ORDER BY id`).toEqual([{ id: 2 }, { id: 3 }])
})

it('are policies that the types of defineOps know', () => {
  type Schema = typeof schema
  const ops = defineOps<Schema>({
    cleanup: { trash: softDelete('projects', '90d'), users: softDelete('users') },
  })
  expect(ops.cleanup?.trash).toEqual({ table: 'projects', column: 'deleted_at', olderThan: '90d' })
  expect(defineOps({ cleanup: { ...betterAuth, ...authJs } }).cleanup).toHaveProperty('verificationTokens')
  // @ts-expect-error a table that is not there
  defineOps<Schema>({ cleanup: { trash: softDelete('project') } })
  // @ts-expect-error a table without such a column
  defineOps<Schema>({ cleanup: { trash: softDelete('sessions') } })
  expectTypeOf<ReturnType<typeof softDelete<'projects'>>['table']>().toExtend<TableName<Schema>>()
  expectTypeOf<'deleted_at'>().toExtend<ColumnName<Schema, 'projects'>>()
})
