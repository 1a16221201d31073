import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LintOutcome } from '../../src/lint/run.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { documentOf, emptyFolder, type Outcome, ops } from '../support/program.ts'
import { journalProject, type TestProject, write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const CREATE = {
  name: '0000_users',
  sql: 'CREATE TABLE "users" ("id" bigserial PRIMARY KEY, "email" text);',
}
const INDEX = { name: '0001_index', sql: 'CREATE INDEX "users_email" ON "users" ("email");' }

const findingsOf = (outcome: Outcome) => documentOf<LintOutcome>(outcome).findings

/** Rules and levels, which is what most tests are about. */
const told = (outcome: Outcome) => findingsOf(outcome).map(({ rule, level }) => `${level} ${rule}`)

const lint = ({ root }: TestProject, args: readonly string[] = [], database?: TestDatabase) =>
  ops(['lint', '--json', ...(database ? ['--url', database.url] : []), ...args], { cwd: root })

describe('without a database', () => {
  it('looks at all migrations, each on what those before have made', async () => {
    const outcome = await lint(journalProject([CREATE, INDEX]))
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toEqual({
      schemaVersion: 1,
      files: ['drizzle/0000_users.sql', 'drizzle/0001_index.sql'],
      sizes: 'unknown',
      findings: [
        {
          rule: 'index-not-concurrent',
          level: 'warning',
          file: 'drizzle/0001_index.sql',
          line: 1,
          statement: 1,
          sql: 'CREATE INDEX "users_email" ON "users" ("email")',
          message: 'CREATE INDEX keeps everybody from writing to users until the index is built.',
          fix: '-- drizzle-ops: no-transaction\nCREATE INDEX CONCURRENTLY "users_email" ON "users" ("email");',
        },
      ],
      level: 'error',
    })
    expect(outcome.stderr).toBe('')
  })

  it('exits 4 from the level on that is asked for', async () => {
    const project = journalProject([CREATE, INDEX])
    expect((await lint(project, ['--level', 'warning'])).code).toBe(4)
    expect((await lint(project, ['--level', 'error'])).code).toBe(0)
  })

  it('says nothing of a table that the same file makes', async () => {
    const project = journalProject([
      { ...CREATE, sql: `${CREATE.sql}--> statement-breakpoint\n${INDEX.sql}` },
    ])
    expect(told(await lint(project))).toEqual([])
  })

  it('looks at files that are named, also without a project', async () => {
    const cwd = emptyFolder()
    write(join(cwd, 'a.sql'), '\n\nALTER TABLE app.users ADD COLUMN name text NOT NULL;')
    const outcome = await ops(['lint', 'a.sql', '--json'], { cwd })
    expect(outcome.code).toBe(4)
    expect(findingsOf(outcome)).toMatchObject([
      {
        rule: 'required-column',
        level: 'error',
        file: 'a.sql',
        line: 3,
        fix: `ALTER TABLE app.users ADD COLUMN "name" text DEFAULT '' NOT NULL;`,
      },
    ])
  })

  it('looks at what a branch has changed', async () => {
    const project = journalProject([CREATE])
    const git = (...args: string[]) => execFileSync('git', args, { cwd: project.root, stdio: 'pipe' })
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'one')
    write(join(project.out, '0001_index.sql'), INDEX.sql)
    const journal = JSON.stringify({
      entries: [
        { tag: CREATE.name, when: 1 },
        { tag: INDEX.name, when: 2 },
      ],
    })
    write(join(project.out, 'meta/_journal.json'), journal)
    expect(documentOf(await lint(project, ['--since', 'main']))).toMatchObject({
      files: ['drizzle/0001_index.sql'],
      findings: [{ rule: 'index-not-concurrent' }],
    })
    const outcome = await lint(project, ['--since', '--output=x'])
    expect(outcome.code).toBe(2)
    expect(documentOf(outcome)).toMatchObject({ error: { code: 'git-failed' } })
  })

  it('lets a comment allow a rule for one statement', async () => {
    const allow = '-- drizzle-ops: allow index-not-concurrent only admins write here\n'
    const project = journalProject([
      CREATE,
      {
        ...INDEX,
        sql: `${allow}${INDEX.sql}\n--> statement-breakpoint\nCREATE INDEX "b" ON "users" ("email");`,
      },
    ])
    expect(findingsOf(await lint(project))).toMatchObject([{ rule: 'index-not-concurrent', line: 4 }])
  })

  it('lets a comment stand behind the statement, and name several rules', async () => {
    const allow = '-- drizzle-ops: allow required-column,rename-column the table is empty'
    const project = journalProject([
      CREATE,
      {
        name: '0001_a',
        sql: `ALTER TABLE "users" ADD COLUMN "a" text NOT NULL, DROP COLUMN "email"; ${allow}`,
      },
    ])
    expect(findingsOf(await lint(project))).toMatchObject([
      { rule: 'drop-column' },
      {
        rule: 'unused-allowance',
        level: 'warning',
        message:
          'The comment allows rename-column, which the statement does not do. Take it out, so that it hides nothing later.',
      },
    ])
  })

  it('says which allowances are wrong', async () => {
    const project = journalProject([
      CREATE,
      {
        ...INDEX,
        sql: `-- drizzle-ops: allow index-not-concurent quick\n-- drizzle-ops: allow index-not-concurrent\n${INDEX.sql}`,
      },
    ])
    expect(findingsOf(await lint(project))).toMatchObject([
      {
        rule: 'allowance-invalid',
        line: 1,
        message: 'The comment names an unknown rule index-not-concurent.',
        fix: '-- drizzle-ops: allow index-not-concurrent quick',
      },
      {
        rule: 'allowance-invalid',
        line: 2,
        message: 'The comment gives no reason.',
        fix: '-- drizzle-ops: allow index-not-concurrent <why this is safe here>',
      },
    ])
  })

  it('says of which statement it knows nothing', async () => {
    const project = journalProject([{ name: '0000_a', sql: 'SELECT 1;\nCREATE TABEL a;\nSELECT 2;' }])
    expect(findingsOf(await lint(project))).toMatchObject([
      {
        rule: 'not-analysed',
        level: 'warning',
        line: 2,
        message:
          'PostgreSQL\'s parser does not take the statement, so nothing is known of it: syntax error at or near "TABEL".',
      },
    ])
  })

  it('says what is wrong with the journal, and looks at the files that are there', async () => {
    const project = journalProject([CREATE, { ...INDEX, when: 5 }])
    write(join(project.out, 'stray.sql'), 'SELECT 1;')
    expect(told(await lint(project))).toEqual([
      'error journal-order',
      'warning file-not-in-journal',
      'warning index-not-concurrent',
    ])
  })

  it('looks into DO blocks as old versions of drizzle-kit write them', async () => {
    const sql = `DO $$ BEGIN
 ALTER TABLE "posts" ADD CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade;
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;`
    const project = journalProject([CREATE, { name: '0001_fk', sql }])
    expect(findingsOf(await lint(project))[0]).toMatchObject({
      rule: 'foreign-key-validates',
      fix: `-- drizzle-ops: no-transaction
ALTER TABLE "posts" ADD CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE cascade NOT VALID;
--> statement-breakpoint
ALTER TABLE "posts" VALIDATE CONSTRAINT "fk";`,
    })
  })

  it('prints a table, and what to write instead', async () => {
    const outcome = await ops(['lint'], { cwd: journalProject([CREATE, INDEX]).root })
    expect(outcome.stdout).toBe(`level    rule                  where                     what happens
warning  index-not-concurrent  drizzle/0001_index.sql:1  CREATE INDEX keeps everybody from writing to users until the index is built.
drizzle/0001_index.sql:1 index-not-concurrent, instead:
  -- drizzle-ops: no-transaction
  CREATE INDEX CONCURRENTLY "users_email" ON "users" ("email");
2 files: 1 warning. The sizes of tables are not known: no database was asked.
`)
  })

  it('annotates a pull request', async () => {
    const outcome = await ops(['lint', '--format', 'github'], { cwd: journalProject([CREATE, INDEX]).root })
    expect(outcome.stdout).toBe(
      '::warning file=drizzle/0001_index.sql,line=1,title=drizzle-ops index-not-concurrent::CREATE INDEX keeps everybody from writing to users until the index is built.%0A%0A-- drizzle-ops: no-transaction%0ACREATE INDEX CONCURRENTLY "users_email" ON "users" ("email");\n',
    )
  })

  it('writes SARIF', async () => {
    const outcome = await ops(['lint', '--format', 'sarif'], { cwd: journalProject([CREATE, INDEX]).root })
    expect(JSON.parse(outcome.stdout)).toEqual({
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'drizzle-ops',
              version: expect.any(String),
              rules: [
                {
                  id: 'index-not-concurrent',
                  shortDescription: { text: 'CREATE INDEX keeps writers out while it builds' },
                },
              ],
            },
          },
          columnKind: 'utf16CodeUnits',
          results: [
            {
              ruleId: 'index-not-concurrent',
              ruleIndex: 0,
              level: 'warning',
              message: { text: expect.stringMatching(/^CREATE INDEX keeps/) },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'drizzle/0001_index.sql' },
                    region: { startLine: 1 },
                  },
                },
              ],
            },
          ],
        },
      ],
    })
  })

  it('says which rule of the config there is not', async () => {
    const { root } = journalProject([CREATE])
    write(
      join(root, 'drizzle.config.mjs'),
      `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = { lint: { rules: { 'drop-tabel': 'off' } } }`,
    )
    const outcome = await ops(['lint', '--json', '--config', 'drizzle.config.mjs'], { cwd: root })
    expect(outcome.code).toBe(2)
    expect(documentOf(outcome)).toMatchObject({ error: { code: 'ops-unknown-key' } })
  })

  it('goes on where no server answers', async () => {
    const outcome = await lint(journalProject([CREATE, INDEX]), ['--url', 'postgres://a@127.0.0.1:1/a'])
    expect(outcome.code).toBe(0)
    expect(documentOf(outcome)).toMatchObject({
      sizes: 'unknown',
      findings: [{ rule: 'index-not-concurrent' }],
    })
    expect(outcome.stderr).toBe(
      'warning: Nothing listens at 127.0.0.1:1. So the sizes of tables are not known.\n',
    )
  })

  it('starts no embedded server', async () => {
    const outcome = await lint(journalProject([CREATE, INDEX]), ['--embedded'])
    expect(documentOf(outcome)).toMatchObject({ sizes: 'unknown' })
  })
})

describe.each(majors())('on PostgreSQL %i', major => {
  /** What ANALYZE would say of a table that large. */
  const pretend = ({ sql }: TestDatabase, rows: number) =>
    sql`UPDATE pg_catalog.pg_class SET reltuples = ${rows} WHERE relname = 'users'`

  it('looks at what is pending, by the sizes of the tables', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([CREATE])
    await ops(['migrate', '--url', database.url], { cwd: project.root })
    const pending = journalProject([CREATE, INDEX])
    const levels: (string | undefined)[] = []
    for (const rows of [200, 20_000, 50_000_000]) {
      await pretend(database, rows)
      const outcome = await lint(pending, [], database)
      expect(documentOf(outcome)).toMatchObject({ files: ['drizzle/0001_index.sql'], sizes: 'live' })
      levels.push(...told(outcome))
    }
    expect(levels).toEqual([
      'note index-not-concurrent',
      'warning index-not-concurrent',
      'error index-not-concurrent',
    ])
    await pretend(database, 50_000_000)
    expect(told(await lint(pending, ['--all'], database))).toEqual(['error index-not-concurrent'])
    expect(told(await lint(pending, [join(pending.out, '0001_index.sql')], database))).toEqual([
      'error index-not-concurrent',
    ])
  })

  it('takes rows that no ANALYZE has seen from the statistics', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([CREATE])
    await ops(['migrate', '--url', database.url], { cwd: project.root })
    await database.sql`ALTER TABLE users SET (autovacuum_enabled = false)`
    await database.sql`INSERT INTO users (email) SELECT 'x' FROM generate_series(1, 12000)`
    const pending = journalProject([CREATE, INDEX])
    // a session hands its counts in once a second at most
    await expect
      .poll(async () => told(await lint(pending, [], database)), { timeout: 5000 })
      .toEqual(['warning index-not-concurrent'])
  })

  it('stops migrate before anything is applied', async () => {
    const database = await freshDatabase(major)
    await ops(['migrate', '--url', database.url], { cwd: journalProject([CREATE]).root })
    await pretend(database, 50_000_000)
    const { root } = journalProject([CREATE, INDEX])
    const migrate = (...flags: string[]) =>
      ops(['migrate', '--json', '--url', database.url, ...flags], { cwd: root })
    const outcome = await migrate()
    expect(outcome.code).toBe(1)
    expect(documentOf(outcome)).toMatchObject({
      error: {
        code: 'lint',
        message:
          'Lint forbids a statement, so nothing was applied.\ndrizzle/0001_index.sql:1 index-not-concurrent: CREATE INDEX keeps everybody from writing to users until the index is built.',
        hint: 'drizzle-ops lint shows what to write instead. To run it as it is: --allow lint, or for good a line -- drizzle-ops: allow <rule> <reason> above the statement.',
        where: { file: 'drizzle/0001_index.sql', line: 1, statement: 1 },
      },
      applied: [],
      pending: ['0001_index'],
      findings: [{ rule: 'index-not-concurrent', level: 'error' }],
    })
    const planned = await migrate('--dry-run')
    expect(planned.code).toBe(1)
    expect(documentOf(planned)).toMatchObject({ findings: [{ code: 'lint' }] })
    const allowed = await migrate('--allow', 'lint')
    expect(allowed).toMatchObject({
      code: 0,
      stderr:
        'warning: drizzle/0001_index.sql:1 index-not-concurrent: CREATE INDEX keeps everybody from writing to users until the index is built.\nApplying 0001_index\n',
    })
  })

  it.each([
    ['--no-lint', INDEX.sql],
    ['--quiet', `-- drizzle-ops: allow index-not-concurrent at night\n${INDEX.sql}`],
  ])('lets migrate run with %s', async (flag, sql) => {
    const database = await freshDatabase(major)
    await ops(['migrate', '--url', database.url], { cwd: journalProject([CREATE]).root })
    await pretend(database, 50_000_000)
    const outcome = await ops(['migrate', '--json', '--url', database.url, flag], {
      cwd: journalProject([CREATE, { ...INDEX, sql }]).root,
    })
    expect(documentOf(outcome)).toMatchObject({ applied: [{ name: '0001_index' }] })
  })

  it('stops migrate on an empty database only by the config', async () => {
    const database = await freshDatabase(major)
    const { root } = journalProject([
      CREATE,
      { name: '0001_drop', sql: 'DROP TABLE IF EXISTS "never_there";\nCREATE EXTENSION hstore;' },
    ])
    write(
      join(root, 'drizzle.config.mjs'),
      `export default { dialect: 'postgresql', out: './drizzle' }\nexport const ops = { lint: { rules: { 'not-analysed': 'error' } } }`,
    )
    const migrate = (config: string) =>
      ops(['migrate', '--json', '--url', database.url, '--config', config], { cwd: root })
    expect(documentOf(await migrate('drizzle.config.mjs'))).toMatchObject({
      error: { code: 'lint', message: expect.stringContaining('it runs an extension') },
    })
    expect((await migrate('drizzle.config.json')).code).toBe(0)
  })

  it('has migrate tell what is wrong with the journal, and go on', async () => {
    const database = await freshDatabase(major)
    const project = journalProject([
      { ...CREATE, when: 9000 },
      { ...INDEX, when: 5000 },
    ])
    const outcome = await ops(['migrate', '--url', database.url], { cwd: project.root })
    expect(outcome).toMatchObject({
      code: 0,
      stderr: `warning: drizzle/meta/_journal.json:16 journal-order: 0001_index is stamped earlier than 0000_users, which stands before it, as after a merge: a database that has 0000_users skips it in silence with stock drizzle.
Applying 0000_users
Applying 0001_index
`,
    })
  })
})
