import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { orm, picture, stockRows } from '../support/drizzle.ts'
import { migrate, migrated } from '../support/migrate.ts'
import { journalProject, type TestMigration } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { admin, majors } from '../support/shared-servers.ts'
import { run } from '../support/spawn.ts'

const breakpoint = '--> statement-breakpoint\n'
const posts = {
  name: '0000_posts',
  sql: 'CREATE TABLE posts (id int PRIMARY KEY, title text); CREATE INDEX posts_title ON posts (title)',
}

/** In the order in which they are given. */
const files = (...texts: readonly string[]): TestMigration[] => [
  posts,
  ...texts.map((sql, index) => ({ name: `000${index + 1}_step`, sql })),
]

describe.each(majors())('migrate on PostgreSQL %i', major => {
  it('leaves nothing of a file whose last statement fails', async () => {
    const database = await freshDatabase(major)
    const failing = ['CREATE TABLE a (id int);', 'INSERT INTO a VALUES (1);', 'SELECT 1 / 0;'].join(
      breakpoint,
    )
    const here = journalProject(files(failing, 'CREATE TABLE b (id int)'))
    await migrated(journalProject([posts]), database)
    const before = await picture(database)
    const { code, document } = await migrate(here, database)
    expect(code).toBe(1)
    expect(document).toMatchObject({
      applied: [],
      pending: ['0001_step', '0002_step'],
      error: { code: 'migration-failed', where: { statement: 3, line: 3 } },
    })
    expect(await picture(database)).toEqual(before)
  })

  it('keeps the files before the one that fails, and says so', async () => {
    const database = await freshDatabase(major)
    const here = journalProject(files('SELECT 1 / 0', 'CREATE TABLE b (id int)'))
    const { document } = await migrate(here, database)
    expect(document).toMatchObject({
      applied: [{ name: '0000_posts', statements: 1, transaction: 'file' }],
      pending: ['0001_step', '0002_step'],
    })
    expect(await stockRows(database.sql)).toHaveLength(1)
  })

  describe('outside a transaction', () => {
    const unused = `ops_${randomBytes(6).toString('hex')}`

    it.each([
      'CREATE INDEX CONCURRENTLY made ON posts (id)',
      'create unique index concurrently if not exists made on posts (id, title);',
      'DROP INDEX CONCURRENTLY posts_title',
      'REINDEX INDEX CONCURRENTLY posts_title',
      'REINDEX (VERBOSE, CONCURRENTLY) TABLE posts',
      'REINDEX (VERBOSE) SCHEMA public',
      '/* why */ VACUUM (ANALYZE) posts; -- done',
      'ALTER SYSTEM RESET work_mem',
      `CREATE DATABASE ${unused}`,
      `DROP DATABASE ${unused}`,
      'CLUSTER',
    ])('runs %s', async sql => {
      const database = await freshDatabase(major)
      const document = await migrated(journalProject(files(sql, 'CREATE TABLE b (id int)')), database)
      expect(document.applied.map(({ transaction }) => transaction)).toEqual(['file', 'none', 'file'])
      expect(await stockRows(database.sql)).toHaveLength(3)
    })

    it('runs ALTER TABLE … DETACH PARTITION … CONCURRENTLY', async () => {
      const database = await freshDatabase(major)
      const parted = `CREATE TABLE p (id int) PARTITION BY LIST (id);${breakpoint}CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)`
      await migrated(
        journalProject(files(parted, 'ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY')),
        database,
      )
      expect(await database.sql`SELECT FROM pg_inherits`).toHaveLength(0)
    })

    it('records last, also among several statements of one chunk', async () => {
      const database = await freshDatabase(major)
      const sql = 'CREATE TABLE a (id int); CREATE INDEX CONCURRENTLY made ON a (id); SELECT 1 / 0'
      const { document } = await migrate(journalProject(files(sql)), database)
      expect(document).toMatchObject({
        pending: ['0001_step'],
        error: {
          code: 'migration-failed',
          where: { statement: 3, line: 1, column: 68 },
        },
      })
      expect(await stockRows(database.sql)).toHaveLength(1)
      expect(await database.dump()).toContain('relation public.made')
    })

    it('runs what -- drizzle-ops: no-transaction stands before, each statement by itself', async () => {
      const database = await freshDatabase(major)
      const procedure =
        'CREATE PROCEDURE twice() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO posts VALUES (1); COMMIT; INSERT INTO posts VALUES (2); END $$'
      const call = '-- drizzle-ops: no-transaction\r\nCALL twice();\r\nANALYZE posts;'
      const document = await migrated(journalProject(files(procedure, call)), database)
      expect(document.applied.at(-1)).toMatchObject({ statements: 2, transaction: 'none' })
      expect(await database.sql`SELECT id FROM posts`).toHaveLength(2)
    })

    it('names that comment where a statement demands it', async () => {
      const database = await freshDatabase(major)
      const procedure = 'CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$'
      const { document } = await migrate(journalProject(files(procedure, 'CALL commits()')), database)
      expect(document.error?.hint).toBe(
        'Make -- drizzle-ops: no-transaction the first line of the file, so that it runs outside a transaction.',
      )
    })

    it('keeps what the file sets until its end', async () => {
      const database = await freshDatabase(major)
      const sql = [
        'CREATE SCHEMA app; CREATE TABLE app.notes (id int);',
        'SET search_path = app;',
        "SET lock_timeout = '7s';",
        'CREATE INDEX CONCURRENTLY made ON notes (id);',
        "CREATE TABLE app.seen AS SELECT current_setting('search_path') AS path, current_setting('lock_timeout') AS lock;",
      ].join(breakpoint)
      await migrated(journalProject(files(sql)), database)
      expect([...(await database.sql`SELECT * FROM app.seen`)]).toEqual([{ path: 'app', lock: '7s' }])
    })

    it('records as its user, whatever role the file has taken', async () => {
      const database = await freshDatabase(major)
      const { name } = await freshRole(undefined, major)
      const sql = `SET ROLE ${name};${breakpoint}VACUUM posts`
      await migrated(journalProject(files(sql)), database)
      expect(await stockRows(database.sql)).toHaveLength(2)
    })
  })

  it('adds a value to an enum in one file and uses it in the next', async () => {
    const database = await freshDatabase(major)
    const mood = "CREATE TYPE mood AS ENUM ('sad')"
    const here = journalProject(
      files(
        mood,
        "ALTER TYPE mood ADD VALUE 'ok'",
        "CREATE TABLE m (mood mood DEFAULT 'ok'); INSERT INTO m VALUES ('ok')",
      ),
    )
    await migrated(here, database)
    expect([...(await database.sql`SELECT mood FROM m`)]).toEqual([{ mood: 'ok' }])
  })

  describe('with a file that commits by itself', () => {
    const workaround = [
      'COMMIT;',
      'SET lock_timeout = 0;',
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS made ON posts (id);',
    ]

    it('runs it as stock drizzle does', async () => {
      const here = journalProject(files(workaround.join(breakpoint)))
      const [ours, orms] = [await freshDatabase(major), await freshDatabase(major)]
      expect((await migrated(here, ours)).applied.at(-1)).toMatchObject({
        statements: 3,
        transaction: 'none',
      })
      await orm('0.x', here, orms)
      expect(await picture(ours)).toEqual(await picture(orms))
      expect(await ours.dump()).toContain('relation public.made')
    })

    it('runs it also where it is one chunk, which stock drizzle cannot', async () => {
      const database = await freshDatabase(major)
      await migrated(journalProject(files(workaround.join('\n'))), database)
      expect(await database.dump()).toContain('relation public.made')
      expect(await stockRows(database.sql)).toHaveLength(2)
    })

    it('records it last', async () => {
      const database = await freshDatabase(major)
      const failing = ['CREATE TABLE a (id int);', ...workaround, 'SELECT 1 / 0'].join(breakpoint)
      const { document } = await migrate(journalProject(files(failing)), database)
      expect(document).toMatchObject({ applied: [{ name: '0000_posts' }], pending: ['0001_step'] })
      expect(await database.dump()).toContain('relation public.made')
      expect(await database.dump()).toContain('relation public.a ')
      expect(await stockRows(database.sql)).toHaveLength(1)
    })

    it('rolls back what it had not committed', async () => {
      const database = await freshDatabase(major)
      const failing = ['CREATE TABLE a (id int);', 'SELECT 1 / 0;', 'COMMIT;'].join(breakpoint)
      await migrate(journalProject(files(failing)), database)
      expect(await database.dump()).not.toContain('relation public.a ')
    })
  })

  describe('lets no SET reach the next file', () => {
    const sets = (role: string) =>
      [
        'SET search_path = nowhere;',
        "SET TIME ZONE 'Asia/Kathmandu';",
        "SET lock_timeout = '11s'; SET statement_timeout = '12s';",
        'SET default_transaction_isolation = serializable;',
        "SELECT set_config('app.tenant', '7', false);",
        `SET SESSION AUTHORIZATION ${role};`,
        `SET ROLE ${role};`,
      ].join(breakpoint)
    const look = `INSERT INTO public.seen SELECT concat_ws(' ', current_user, session_user, current_setting('role'),
      current_setting('search_path'), current_setting('TimeZone'), current_setting('lock_timeout'),
      current_setting('statement_timeout'), current_setting('default_transaction_isolation'),
      nullif(current_setting('app.tenant', true), ''), current_setting('application_name'));`
    const seen = 'CREATE TABLE public.seen (settings text)'
    const none = '-- drizzle-ops: no-transaction\n'
    const own = `COMMIT;${breakpoint}BEGIN;${breakpoint}`
    const modes = { file: '', none, own }

    it.each([
      ['file', 'file'],
      ['file', 'none'],
      ['file', 'own'],
      ['none', 'file'],
      ['none', 'none'],
      ['own', 'file'],
      ['own', 'own'],
    ] as const)('from a file of the kind %s to one of the kind %s', async (from, to) => {
      const database = await freshDatabase(major)
      const superuser = await superuserRole()
      await migrated(
        journalProject(files(seen, modes[to] + look, modes[from] + sets(superuser), modes[to] + look)),
        database,
      )
      const [before, after, ...rest] = await database.sql`SELECT * FROM seen`
      expect(rest).toEqual([])
      expect(after).toEqual(before)
    })

    it('and keeps the role that ALTER ROLE … SET role gives', async () => {
      const database = await freshDatabase(major)
      const [owner, deploy] = [await freshRole(undefined, major), await freshRole(undefined, major)]
      const superuser = admin(major)
      await superuser.unsafe(
        `GRANT ${owner.name} TO ${deploy.name}; ALTER ROLE ${deploy.name} SET role TO ${owner.name}`,
      )
      await database.sql.unsafe(
        `GRANT CREATE ON DATABASE ${database.name} TO ${owner.name}; CREATE SCHEMA app AUTHORIZATION ${owner.name}`,
      )
      const url = database.url.replace('postgres@', `${deploy.name}@`)
      const steps = ['CREATE TABLE app.a ()', 'CREATE TABLE app.b ()'].map((sql, index) => ({
        name: `000${index}_x`,
        sql,
      }))
      await migrated(journalProject(steps), { url })
      expect(
        await database.sql`SELECT tableowner FROM pg_tables WHERE schemaname IN ('app', 'drizzle')`,
      ).toEqual(Array.from({ length: 3 }, () => ({ tableowner: owner.name })))
    })

    async function superuserRole(): Promise<string> {
      const { name } = await freshRole(undefined, major)
      await admin(major).unsafe(`ALTER ROLE ${name} SUPERUSER`)
      return name
    }
  })

  it.each([
    [
      'several statements without breakpoints',
      'CREATE TABLE a (id int); INSERT INTO a VALUES (1); CREATE VIEW v AS SELECT * FROM a;',
    ],
    ['a DO block', "DO $do$ BEGIN EXECUTE 'CREATE TABLE a (id int)'; END $do$;"],
    [
      'a function with semicolons',
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2;'; CREATE TABLE a (id int)",
    ],
    ['a SELECT', "SELECT 1 AS one, 2 AS one; SELECT set_config('app.x', 'y', false)"],
    ['a marker in a line comment', `-- first ${breakpoint}CREATE TABLE a (id int); -- last ${breakpoint}`],
    ['a marker within a line', `CREATE TABLE a (id int); --> statement-breakpoint CREATE TABLE b (id int);`],
    ['no SQL', ''],
    ['comments only', '-- Custom SQL migration file, put your code below! --\n/* a /* nested */ one */'],
    ['empty chunks', `;${breakpoint}\n${breakpoint}CREATE TABLE a (id int);${breakpoint}`],
    [
      'Windows line endings',
      'CREATE TABLE a (\r\n  id int\r\n);\r\n--> statement-breakpoint\r\nCREATE TABLE b (id int);\r\n',
    ],
    ['COPY to a client that does not listen', `COPY posts TO STDOUT;${breakpoint}CREATE TABLE a (id int)`],
    [
      'a savepoint',
      `SAVEPOINT s;${breakpoint}CREATE TABLE a (id int);${breakpoint}ROLLBACK TO s;${breakpoint}RELEASE s`,
    ],
  ])('runs a file with %s as drizzle does', async (_, sql) => {
    const here = journalProject(files(sql))
    const [ours, orms] = [await freshDatabase(major), await freshDatabase(major)]
    expect((await migrated(here, ours)).applied.at(-1)).toMatchObject({ transaction: 'file' })
    expect(await orm('0.x', here, orms)).toMatchObject({ code: 0, stderr: '' })
    expect(await picture(ours)).toEqual(await picture(orms))
  })

  it.each([
    [
      'a line comment',
      '-- --> statement-breakpoint in a comment\nCREATE TABLE a (id int)',
      'syntax error at or near "in"',
    ],
    ['a string', "SELECT 'a --> statement-breakpoint b'", 'unterminated quoted string at or near "\'a "'],
    ['a block comment', '/* a --> statement-breakpoint b */', 'unterminated /* comment at or near "/* a "'],
  ])('splits at a marker in %s, as drizzle does', async (_, sql, message) => {
    const here = journalProject(files(sql))
    const [ours, orms] = [await freshDatabase(major), await freshDatabase(major)]
    const { document } = await migrate(here, ours)
    expect(document.error?.message).toContain(message)
    expect((await orm('0.x', here, orms)).stderr).toContain(message)
  })

  it('tells a statement from a function body and a rule in a chunk that it must take apart', async () => {
    const database = await freshDatabase(major)
    const sql = `CREATE FUNCTION f(n int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN n > 0 THEN 1 ELSE 0 END; SELECT 2; END;
      CREATE RULE r AS ON DELETE TO posts DO ALSO (SELECT 1; SELECT 2);
      CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $body$ SELECT 'a;b'; SELECT E'it\\'s; "c'; $body$;
      CREATE TABLE "odd;""name" (id int); -- it's; not 'a string
      CREATE INDEX CONCURRENTLY made ON posts (id);`
    expect((await migrated(journalProject(files(sql)), database)).applied.at(-1)).toMatchObject({
      statements: 5,
    })
    expect(await database.dump()).toContain('odd;""name')
  })

  it('runs a file of 10 MB, be it one value or many', async () => {
    const database = await freshDatabase(major)
    const text = `'${"it''s long ".repeat(500_000)}'`
    const rows = Array.from({ length: 150_000 }, (_, id) => `(${id}, 'it''s the line ${id} of a long file')`)
    const here = journalProject(
      files(
        `CREATE TABLE lines (id int, text text);${breakpoint}INSERT INTO lines VALUES (-1, ${text});${breakpoint}INSERT INTO lines VALUES\n${rows.join(',\n')};`,
      ),
    )
    await migrated(here, database)
    const [found] = await database.sql`SELECT count(*)::int AS rows, max(length(text)) AS longest FROM lines`
    expect(found).toEqual({ rows: 150_001, longest: 5_000_000 })
  })

  it('keeps what the server remarks off stdout', async () => {
    const database = await freshDatabase(major)
    const { root } = journalProject(
      files('CREATE TABLE IF NOT EXISTS posts (id int)', "DO $$ BEGIN RAISE WARNING 'careful'; END $$"),
    )
    const quiet = await run(['migrate', '--json', '--url', database.url], { cwd: root })
    expect(quiet).toMatchObject({
      code: 0,
      stderr: 'Applying 0000_posts\nApplying 0001_step\nApplying 0002_step\n',
    })
    expect(JSON.parse(quiet.stdout)).toMatchObject({ pending: [] })
  })

  it('shows what the server remarks with --verbose', async () => {
    const database = await freshDatabase(major)
    const { root } = journalProject(files("DO $$ BEGIN RAISE WARNING 'careful'; END $$"))
    const { stdout, stderr } = await run(['migrate', '--json', '--verbose', '--url', database.url], {
      cwd: root,
    })
    expect(stderr).toContain('WARNING: careful\n')
    expect(JSON.parse(stdout)).toMatchObject({ pending: [] })
  })

  it('refuses a file that waits for data from psql before anything runs', async () => {
    const database = await freshDatabase(major)
    const reading = `CREATE TABLE b (id int);${breakpoint}COPY posts (id, title) FROM STDIN WITH (FORMAT csv);`
    const here = journalProject(files('CREATE TABLE a (id int)', reading))
    const { code, document } = await migrate(here, database)
    expect(code).toBe(2)
    expect(document).toMatchObject({
      applied: [],
      pending: ['0000_posts', '0001_step', '0002_step'],
      error: {
        code: 'copy-from-stdin',
        message: `${here.out}/0002_step.sql holds a COPY … FROM STDIN, whose data only psql can send.`,
        hint: 'Write INSERTs (pg_dump --inserts does), or COPY … FROM a file of the server.',
      },
    })
    expect(await database.dump()).not.toContain('posts')
  })
})
