import { cpSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { migrationLock } from '../../src/migrations/lock.ts'
import { connect } from '../support/client.ts'
import { projectWith } from '../support/context.ts'
import { freshDatabase } from '../support/databases.ts'
import { stockRows } from '../support/drizzle.ts'
import { failure, told } from '../support/failures.ts'
import { migrationNames } from '../support/generated.ts'
import { migrated, status } from '../support/migrate.ts'
import { pgBouncerMissing, startPgBouncer } from '../support/pgbouncer.ts'
import { documentOf, ops } from '../support/program.ts'
import { emptyProject, write } from '../support/project.ts'
import {
  applied,
  downFile,
  generations,
  identity,
  makeProjects,
  rollback,
  rolledBack,
  snapshotOf,
  withDownFile,
} from '../support/reverting.ts'
import { majors } from '../support/shared-servers.ts'

beforeAll(makeProjects)

describe.each(generations)('rollback of migrations by drizzle-kit %s', generation => {
  describe.each(majors())('on PostgreSQL %i', major => {
    it('restores each kind of thing exactly, and migrate makes it again', async () => {
      const { project, database, names } = await applied(generation, 'kinds', { major, count: 1 })
      const [first = ''] = names
      const before = await database.dump()
      const rows = await stockRows(database.sql)
      await migrated(project, database)
      const after = await database.dump()

      const { reverted } = await rolledBack(project, database, '--to', first)
      expect(reverted.map(({ name }) => name)).toEqual(names.slice(1).toReversed())
      expect(new Set(reverted.map(({ source }) => source))).toEqual(new Set(['derived']))
      expect(await database.dump()).toBe(before)
      expect(await stockRows(database.sql)).toEqual(rows)

      await migrated(project, database)
      expect(await database.dump()).toBe(after)
    })

    it('keeps the rows of what was only renamed', async () => {
      const { project, database } = await applied(generation, 'renamed', { major })
      await database.sql`INSERT INTO users (id, label) VALUES (1, 'x')`
      await rolledBack(project, database)
      expect(await database.sql`SELECT * FROM users`).toEqual([{ id: 1, name: 'x' }])
    })
  })

  it.each([
    [
      'made with generate --custom',
      'custom',
      'it was written by hand: its snapshot changes nothing, and its SQL does',
    ],
    ['without a snapshot', 'bare', 'it was written by hand: it has no snapshot'],
    [
      'with a line added by hand',
      'mixed',
      'line 3 was added by hand, and the snapshots know nothing of it: UPDATE users SET age = 1;',
    ],
  ])('refuses a migration %s, and reverts nothing', async (_, which, why) => {
    const { project, database, names } = await applied(generation, which)
    const name = names[1] ?? ''
    if (which === 'bare') rmSync(snapshotOf(project, name))
    const before = [await database.dump(), await stockRows(database.sql)]
    const failed = await failure(['rollback', '--steps', '2', '--yes', '--url', database.url], {
      cwd: project.root,
    })
    expect(failed).toEqual(
      told({
        exit: 1,
        code: 'no-way-back',
        message: `Nothing was reverted, for no way back can be derived.\n${name}: ${why}.`,
        hint: `Write the way back into ${downFile(project, name)}.`,
        database: identity(database),
      }),
    )
    expect([await database.dump(), await stockRows(database.sql)]).toEqual(before)
  })

  it('prefers a down file', async () => {
    const { project, database, names } = await applied(generation, 'custom')
    withDownFile(
      project,
      names[1] ?? '',
      'DELETE FROM users;\n--> statement-breakpoint\nINSERT INTO users VALUES (2);',
    )
    const { reverted } = await rolledBack(project, database, '--steps', '2')
    expect(reverted).toMatchObject([
      { source: 'derived' },
      {
        name: names[1],
        statements: 2,
        source: 'file',
        sql: ['DELETE FROM users;', 'INSERT INTO users VALUES (2);'],
      },
    ])
    expect(await database.sql`SELECT id FROM users`).toEqual([{ id: 2 }])
  })

  it('says that there is no drizzle-kit to derive with', async () => {
    const { project, database } = await applied(generation, 'three')
    const packages = join(project.root, 'node_modules')
    const target = readlinkSync(packages)
    rmSync(packages)
    try {
      const failed = await failure(['rollback', '--yes', '--url', database.url], { cwd: project.root })
      expect(failed).toEqual(
        told({
          exit: 2,
          code: 'drizzle-kit',
          message: `The way back is derived by drizzle-kit, and ${project.root} has none.`,
          hint: 'Install it there (npm install --save-dev drizzle-kit), or write the way back into a down file.',
          database: identity(database),
        }),
      )
    } finally {
      symlinkSync(target, packages)
    }
  })
})

describe('rollback', () => {
  it('reverts the newest one and tells what it did', async () => {
    const { project, database } = await applied('0.x', 'three')
    const outcome = await rollback(project, database, '--yes')
    expect(outcome.stderr).toBe('Reverting 0002_age\n')
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      database: identity(database),
      dryRun: false,
      reverted: [
        {
          name: '0002_age',
          statements: 1,
          source: 'derived',
          loses: [],
          displaces: [],
          sql: ['ALTER TABLE "users" DROP COLUMN "age";'],
        },
      ],
    })
    expect(await status(project, database)).toMatchObject({ counts: { applied: 2, pending: 1 } })
  })

  it('shows all of it before, and writes nothing', async () => {
    const { project, database } = await applied('0.x', 'three')
    await database.sql`INSERT INTO users VALUES (1, 'x', 7)`
    const before = [await database.dump(), await stockRows(database.sql)]
    const args = ['rollback', '--dry-run', '--steps', '2', '--url', database.url]
    const { code, stdout, stderr } = await ops(args, { cwd: project.root })
    expect(stdout).toBe(
      [
        'would revert  way back  statements  loses',
        '0002_age      derived   1           public.users.age dropped (1 row)',
        '0001_posts    derived   1',
        'ALTER TABLE "users" DROP COLUMN "age";',
        'DROP TABLE "posts";',
        'Nothing was reverted; 2 would be.',
        '',
      ].join('\n'),
    )
    expect([code, stderr]).toEqual([0, ''])
    expect([await database.dump(), await stockRows(database.sql)]).toEqual(before)
  })

  it('loses data only where that is allowed, and counts it before', async () => {
    const { project, database } = await applied('0.x', 'three')
    await database.sql`INSERT INTO users VALUES (1, 'x', 7), (2, 'y', NULL)`
    await database.sql`INSERT INTO posts VALUES (1), (2), (3)`
    const before = await database.dump()
    const args = ['rollback', '--steps', '2', '--yes', '--url', database.url]
    expect(await failure(args, { cwd: project.root })).toEqual(
      told({
        exit: 1,
        code: 'data-loss',
        message: [
          'Nothing was reverted, for this loses data.',
          '0002_age: public.users.age dropped, 1 row.',
          '0001_posts: public.posts dropped, 3 rows.',
        ].join('\n'),
        hint: 'Add --allow data-loss to do it nevertheless; --dry-run shows the SQL.',
        database: identity(database),
        known: {
          dryRun: false,
          reverted: [
            {
              name: '0002_age',
              statements: 1,
              source: 'derived',
              loses: [{ object: 'public.users.age', how: 'dropped', rows: 1 }],
              displaces: [],
              sql: ['ALTER TABLE "users" DROP COLUMN "age";'],
            },
            {
              name: '0001_posts',
              statements: 1,
              source: 'derived',
              loses: [{ object: 'public.posts', how: 'dropped', rows: 3 }],
              displaces: [],
              sql: ['DROP TABLE "posts";'],
            },
          ],
        },
      }),
    )
    expect(await database.dump()).toBe(before)
    const granted = await rollback(project, database, '--steps', '2', '--allow', 'data-loss', '--yes')
    expect(granted.stderr).toBe(
      [
        '0002_age: public.users.age dropped, 1 row.',
        '0001_posts: public.posts dropped, 3 rows.',
        'Reverting 0002_age',
        'Reverting 0001_posts',
        '',
      ].join('\n'),
    )
    expect(await database.sql`SELECT * FROM users`).toEqual([
      { id: 1, name: 'x' },
      { id: 2, name: 'y' },
    ])
  })

  it('finds what it would lose under the name that it bears today', async () => {
    const { project, database } = await applied('0.x', 'moving')
    await database.sql`INSERT INTO users VALUES (1, 'x', 7)`
    const outcome = await rollback(project, database, '--dry-run', '--steps', '2')
    expect(documentOf(outcome)).toMatchObject({
      reverted: [
        { name: '0002_years', loses: [], sql: ['ALTER TABLE "users" RENAME COLUMN "years" TO "age";'] },
        { name: '0001_age', loses: [{ object: 'public.users.age', rows: 1 }] },
      ],
    })
  })

  it('takes a narrower type for a loss', async () => {
    const { project, database } = await applied('0.x', 'narrowed')
    await database.sql`INSERT INTO users VALUES (1, 'x', 7)`
    const { stderr } = await ops(['rollback', '--yes', '--url', database.url], { cwd: project.root })
    expect(stderr).toContain('0001_wider: public.users.n bigint becomes integer, 1 row.')
    await rolledBack(project, database, '--allow', 'data-loss')
    expect(await database.sql`SELECT n FROM users`).toEqual([{ n: 7 }])
  })

  it('counts what a down file drops', async () => {
    const { project, database } = await applied('0.x', 'three')
    await database.sql`INSERT INTO posts VALUES (1), (2)`
    withDownFile(
      project,
      '0002_age',
      'drop table if exists Public.posts, missing;\nalter table users drop age;',
    )
    expect(documentOf(await rollback(project, database, '--yes'))).toMatchObject({
      error: { code: 'data-loss' },
      reverted: [{ source: 'file', loses: [{ object: 'public.posts', how: 'dropped', rows: 2 }] }],
    })
  })

  it('brings a column back behind the others only where that is allowed', async () => {
    const { project, database } = await applied('0.x', 'dropped')
    const { text } = await failure(['rollback', '--yes', '--url', database.url], { cwd: project.root })
    expect(text).toBe(
      [
        'error: Nothing was reverted, for this changes the order of columns, which SELECT * and INSERT without names go by.',
        '    0001_without_age: public.users.age comes back as the last column of its table. [column-order]',
        '  → Add --allow column-order to do it nevertheless; --dry-run shows the SQL.',
        '',
      ].join('\n'),
    )
    await rolledBack(project, database, '--allow', 'column-order')
    const { columns } = await database.sql`SELECT * FROM users`
    expect(columns.map(({ name }) => name)).toEqual(['id', 'name', 'mail', 'age'])
  })

  it('is refused where rows are in the way, before anything runs', async () => {
    const { project, database } = await applied('0.x', 'valued')
    await database.sql`INSERT INTO users VALUES (1, 'x', 'c', 1), (2, 'y', 'c', NULL), (3, 'z', 'a', 3)`
    expect(await failure(['rollback', '--yes', '--url', database.url], { cwd: project.root })).toEqual(
      told({
        exit: 1,
        code: 'no-way-back',
        message: [
          'Nothing was reverted, for the database is not as the older schema demands.',
          '0001_value: 2 rows of public.users hold c in mood, which the older mood does not have.',
          '0001_value: 1 row of public.users has no n, which is to be NOT NULL again.',
        ].join('\n'),
        hint: 'Mend that first, or write the way back into a down file.',
        database: identity(database),
      }),
    )
    await database.sql`UPDATE users SET mood = 'b', n = 2`
    await rolledBack(project, database)
  })

  it('is refused where PostgreSQL has no cast, before anything runs', async () => {
    const { project, database } = await applied('0.x', 'uncastable')
    expect(documentOf(await rollback(project, database, '--yes'))).toMatchObject({
      error: {
        code: 'no-way-back',
        message: [
          'Nothing was reverted, for the database is not as the older schema demands.',
          '0001_number: public.users.n would have to become jsonb again, and PostgreSQL has no cast from integer.',
        ].join('\n'),
      },
    })
  })

  it('rolls a statement that fails back with its migration', async () => {
    const { project, database } = await applied('0.x', 'three')
    const file = withDownFile(
      project,
      '0002_age',
      'DELETE FROM users;\n--> statement-breakpoint\nDROP TABLE missing;',
    )
    const before = [await database.dump(), await stockRows(database.sql)]
    expect(await failure(['rollback', '--yes', '--url', database.url], { cwd: project.root })).toEqual(
      told({
        exit: 1,
        code: 'rollback-failed',
        sqlstate: '42P01',
        message: `${file}, statement 2, line 3: table "missing" does not exist.`,
        hint: 'Correct the down file and run drizzle-ops rollback again.',
        notes: ['Reverting 0002_age'],
        where: { file, statement: 2, line: 3, column: 1 },
        excerpt: ['  3 | DROP TABLE missing;', '      ^'],
        database: identity(database),
        known: { dryRun: false, reverted: [] },
      }),
    )
    expect([await database.dump(), await stockRows(database.sql)]).toEqual(before)
  })

  it('never takes along what no migration has made', async () => {
    const { project, database } = await applied('0.x', 'three')
    await database.sql`CREATE VIEW by_hand AS SELECT * FROM posts`
    const { stderr, code } = await ops(['rollback', '--steps', '2', '--yes', '--url', database.url], {
      cwd: project.root,
    })
    expect(stderr).toBe(
      [
        'Reverting 0002_age',
        'Reverting 0001_posts',
        'error: 0001_posts, derived statement 1: cannot drop table posts because other objects depend on it (view by_hand depends on table posts).',
        '    DROP TABLE "posts"; [rollback-failed, SQLSTATE 2BP01]',
        '  → Use DROP ... CASCADE to drop the dependent objects too.',
        '',
      ].join('\n'),
    )
    expect(code).toBe(1)
    expect(await status(project, database)).toMatchObject({ counts: { applied: 2, pending: 1 } })
  })

  it('runs a down file outside of transactions where it has to', async () => {
    const { project, database } = await applied('0.x', 'three')
    await database.sql`CREATE INDEX by_hand ON posts (body)`
    withDownFile(
      project,
      '0002_age',
      'DROP INDEX CONCURRENTLY by_hand;\n--> statement-breakpoint\nALTER TABLE users DROP age;',
    )
    await rolledBack(project, database)
    expect(await status(project, database)).toMatchObject({ counts: { applied: 2, pending: 1 } })
    expect(await database.sql`SELECT to_regclass('by_hand')::text AS found`).toEqual([{ found: null }])
  })

  it('interrupted midway, leaves a whole number of migrations reverted', async () => {
    const { project, database } = await applied('0.x', 'three')
    const reader = connect(database.url, 1)
    await reader`BEGIN`
    await reader`SELECT FROM posts`
    const outcome = await ops(['rollback', '--steps', '2', '--yes', '--json', '--url', database.url], {
      cwd: project.root,
      interrupt: { signal: 'SIGINT', seen: /Another session holds a lock/ },
    })
    await reader.end()
    expect(outcome.code).toBe(130)
    expect(documentOf(outcome)).toMatchObject({
      dryRun: false,
      reverted: [{ name: '0002_age' }],
      error: { code: 'interrupted' },
    })
    expect(await status(project, database)).toMatchObject({ counts: { applied: 2, pending: 1 } })
    expect((await database.sql`SELECT * FROM users`).columns.map(({ name }) => name)).toEqual(['id', 'name'])
    expect(await database.sql`SELECT * FROM posts`).toEqual([])
  })

  it('does not run beside another run', async () => {
    const { project, database } = await applied('0.x', 'three')
    const { classId, objectId } = migrationLock(projectWith({}))
    const holder = connect(database.url, 1)
    await holder`SELECT pg_advisory_lock(${classId}::int, ${objectId}::int)`
    const outcome = await rollback(project, database, '--yes', '--lock-wait', '0')
    await holder.end()
    expect(outcome.code).toBe(5)
    expect(documentOf(outcome)).toMatchObject({ error: { code: 'lock-held' }, reverted: [] })
  })

  it.skipIf(pgBouncerMissing())('needs a session of its own', async () => {
    const { project, database } = await applied('0.x', 'three')
    const { url } = await startPgBouncer({ major: database.major, mode: 'transaction' })
    const outcome = await rollback(project, { ...database, url: url(database.name) }, '--yes')
    expect(documentOf(outcome)).toMatchObject({
      error: {
        code: 'pooler',
        message:
          'Reverting migrations needs one session from beginning to end, and this URL leads through a transaction pooler.',
      },
    })
  })

  it('asks first, and for the name of a protected database', async () => {
    const { project, database } = await applied('0.x', 'three')
    const unasked = await failure(['rollback', '--url', database.url], { cwd: project.root })
    expect(unasked).toEqual(
      told({
        exit: 2,
        code: 'consent-missing',
        message: 'This reverts 0002_age. Nobody is at a terminal to agree.',
        hint: 'Add --yes to agree beforehand.',
        database: identity(database),
      }),
    )
    const config = join(project.root, 'protected.mjs')
    write(
      config,
      `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = { protected: ['${database.name}'] }\n`,
    )
    const refused = await rollback(project, database, '--yes', '--config', config)
    expect(refused.code).toBe(2)
    expect(documentOf(refused)).toMatchObject({
      error: { code: 'protected', hint: `Add --on ${database.name} if it is the one you mean.` },
    })
    await rolledBack(project, database, '--config', config, '--on', database.name)
  })

  it('refuses a history that does not match the files, with the remedy', async () => {
    const { project, database } = await applied('0.x', 'three')
    await database.sql`UPDATE drizzle.__drizzle_migrations SET hash = 'other' WHERE id = 3`
    await database.sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('gone', 1999999999999)`
    expect(await failure(['rollback', '--yes', '--url', database.url], { cwd: project.root })).toEqual(
      told({
        exit: 1,
        code: 'history',
        message: [
          'The history does not match the files, so nothing was reverted.',
          '0002_age was changed after it had been applied.',
          'row 4 is recorded as applied, but its file is gone.',
        ].join('\n'),
        hint: [
          'edited: restore the file as it was applied, or drizzle-ops repair --accept-edits once its way back is right',
          "missing: restore the file, or drizzle-ops repair --forget 'row 4'",
        ].join('\n'),
        database: identity(database),
      }),
    )
  })

  it('goes back to a migration by its name, or by so many steps, and no further than there are', async () => {
    const { project, database } = await applied('0.x', 'three')
    const unknown = await rollback(project, database, '--yes', '--to', '0009_none')
    expect(documentOf(unknown)).toMatchObject({
      error: {
        code: 'migration-unknown',
        message: '0009_none is not among the applied migrations, so there is nothing to go back to.',
        hint: 'The newest are 0002_age, 0001_posts, 0000_users.',
      },
    })
    expect((await rollback(project, database, '--steps', '1', '--to', '0000_users')).code).toBe(2)
    expect((await rolledBack(project, database, '--to', '0001_posts')).reverted).toMatchObject([
      { name: '0002_age' },
    ])
    expect((await rolledBack(project, database, '--steps', '9')).reverted).toMatchObject([
      { name: '0001_posts' },
      { name: '0000_users' },
    ])
    expect((await rolledBack(project, database)).reverted).toEqual([])
    expect(await status(project, database)).toMatchObject({ counts: { applied: 0, pending: 3 } })
  })

  it('takes back all that made the tables of this repository', async () => {
    const database = await freshDatabase()
    const project = emptyProject()
    cpSync(join(import.meta.dirname, '../../drizzle'), project.out, { recursive: true })
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(project.root, 'node_modules'))
    await migrated(project, database)
    const after = await database.dump()
    const { reverted } = await rolledBack(project, database, '--steps', '99')
    expect(reverted).toHaveLength(migrationNames(project).length)
    const left =
      await database.sql`SELECT relname FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm')`
    expect(left).toEqual([{ relname: '__drizzle_migrations' }])
    await migrated(project, database)
    expect(await database.dump()).toBe(after)
  })

  it('reverts what one branch of two did, and leaves the other alone', async () => {
    const { project, database, names } = await applied('1.0', 'branches')
    await rolledBack(project, database)
    expect(await status(project, database)).toMatchObject({ counts: { applied: 2, pending: 1 } })
    expect(names).toHaveLength(3)
    expect((await database.sql`SELECT * FROM users`).columns.map(({ name }) => name)).toEqual([
      'id',
      'name',
      'left',
    ])
  })
})
