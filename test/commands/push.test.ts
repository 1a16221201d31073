import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { migrationLock } from '../../src/migrations/lock.ts'
import { projectWith } from '../support/context.ts'
import { freshDatabase, type TestDatabase } from '../support/databases.ts'
import { migratedGuest, projectNames, pushedGuest } from '../support/guests.ts'
import { documentOf, ops } from '../support/program.ts'
import { emptyProject, type TestProject, write } from '../support/project.ts'
import { schemaProject, writeSchema } from '../support/pushing.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'
import { answered } from '../support/terminal.ts'

const users = (columns: string, extra = '') =>
  `export const users = pgTable('users', { id: integer().primaryKey(), ${columns} }, t => [${extra}])\n`
const before = users('name: text(), age: integer()')
const DROPPED = 'ALTER TABLE "users" DROP COLUMN "age";'
const AGE_GONE = {
  sql: DROPPED,
  hazards: ['deletes-data', 'drops-object', 'breaks-clients'],
  tables: [{ table: 'users', rows: 2 }],
  reasons: ['queries that say age fail', '1 value of age goes'],
  blocked: null,
}

function push(project: TestProject, database: TestDatabase, ...flags: string[]) {
  return ops(['push', ...flags], { cwd: project.root, env: { DRIZZLE_OPS_URL: database.url } })
}

function identity({ name, url }: TestDatabase) {
  const { hostname, port } = new URL(url)
  return { name, host: hostname, port: Number(port), user: 'postgres', source: 'DRIZZLE_OPS_URL' }
}

/** A database with `before` in it and two rows, and the project with another schema. */
async function changed(
  after: string,
  config = {},
): Promise<{ project: TestProject; database: TestDatabase }> {
  const database = await freshDatabase()
  await database.sql`CREATE TABLE users (id integer PRIMARY KEY, name text, age integer)`
  await database.sql`INSERT INTO users VALUES (1, 'a', 40), (2, 'a', NULL)`
  return { project: schemaProject(after, config), database }
}

describe.each(majors())('push on PostgreSQL %i', major => {
  it.each(projectNames)('finds nothing to do in %s once it is migrated', async name => {
    const { here } = await migratedGuest(name, major)
    const { code, stdout, stderr } = await ops(['push', '--dry-run', '--json'], here)
    expect(code, stderr).toBe(0)
    expect(documentOf({ stdout })).toMatchObject({
      status: 'no_changes',
      statements: [],
      unresolved: [],
      notCompared: [],
    })
  })

  it('finds nothing to do where drizzle-kit has pushed', async () => {
    const { here } = await pushedGuest(major)
    const { code, stdout } = await ops(['push', '--dry-run', '--json'], here)
    expect({ code, ...documentOf<object>({ stdout }) }).toMatchObject({
      code: 0,
      status: 'no_changes',
      statements: [],
    })
  })
})

describe('push', () => {
  it('shows what it would do', async () => {
    const { project, database } = await changed(users('name: text()', `index('users_name').on(t.name)`))
    await database.sql`CREATE TABLE others (id int)`
    const { code, stdout, stderr } = await push(project, database, '--dry-run')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.replaceAll(/ +$/gm, '')).toBe(
      [
        'hazards                                     rows     would push',
        'deletes-data, drops-object, breaks-clients  users 2  ALTER TABLE "users" DROP COLUMN "age";',
        'blocks-writes, scans-table                  users 2  CREATE INDEX "users_name" ON "users" USING btree ("name");',
        'Left alone, not in the schema: table public.others',
        'Nothing was pushed; 2 statements would be.',
        '',
      ].join('\n'),
    )
  })

  it('refuses a hazard and prints the flag', async () => {
    const { project, database } = await changed(users('name: text()'))
    const refused = await push(project, database, '--yes', '--allow', 'drops-object')
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'error: Nothing was pushed, for these were not granted:',
        `    deletes-data, breaks-clients: ${DROPPED} (queries that say age fail, 1 value of age goes, users: 2 rows) [hazards]`,
        '  → If that is meant, add --allow drops-object,deletes-data,breaks-clients',
        '',
      ].join('\n'),
    })
    const outcome = await push(project, database, '--yes', '--json')
    expect({ code: outcome.code, ...documentOf<object>(outcome) }).toEqual({
      code: 1,
      schemaVersion: 1,
      database: identity(database),
      error: {
        code: 'hazards',
        message: expect.any(String),
        hint: 'If that is meant, add --allow deletes-data,drops-object,breaks-clients',
      },
      status: 'refused',
      statements: [AGE_GONE],
      applied: 0,
      needs: ['deletes-data', 'drops-object', 'breaks-clients'],
    })
    expect((await database.sql`SELECT age FROM users`).length).toBe(2)
  })

  it('pushes what is granted', async () => {
    const { project, database } = await changed(users('name: text()'))
    const flags = ['--yes', '--allow', 'deletes-data,drops-object,breaks-clients', '--json']
    const outcome = await push(project, database, ...flags)
    expect({ code: outcome.code, ...documentOf<object>(outcome) }).toEqual({
      code: 0,
      schemaVersion: 1,
      database: identity(database),
      dryRun: false,
      status: 'ok',
      statements: [AGE_GONE],
      applied: 1,
      leftAlone: [],
      unresolved: [],
      notCompared: [],
    })
    expect(await push(project, database, '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/The database is what the schema says\.\n$/),
    })
  })

  it('needs somebody to agree', async () => {
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()'))
    const outcome = await push(project, database)
    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'ALTER TABLE "users" ADD COLUMN "mail" text;\nerror: This runs 1 statement. Nobody is at a terminal to agree. [consent-missing]\n  → Add --yes to agree beforehand.\n',
    })
  })

  it('shows who is to agree a new table as it is written', async () => {
    const { project, database } = await changed(`${users('name: text(), age: integer()')}
export const tags = pgTable('tags', { name: text() })`)
    expect((await push(project, database)).stderr).toMatch(
      /^CREATE TABLE "tags" \(\n {2}"name" text\n\);\nerror: This runs 1 statement\. /,
    )
  })

  it('needs a protected database to be named', async () => {
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()'))
    write(
      join(project.root, 'drizzle.config.mjs'),
      `export default { dialect: 'postgresql', schema: './schema.ts' }; export const ops = { protected: ['${database.name}'] }`,
    )
    const flags = ['--config', 'drizzle.config.mjs', '--yes']
    expect(await push(project, database, ...flags)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`Add --on ${database.name} if it is the one you mean.`),
    })
    expect(await push(project, database, ...flags, '--on', database.name)).toMatchObject({ code: 0 })
  })

  it('asks which rename is meant, and takes the answer', async () => {
    const { project, database } = await changed(users('label: text(), age: integer()'))
    const asked = await push(project, database, '--yes', '--json')
    expect({ code: asked.code, ...documentOf<object>(asked) }).toMatchObject({
      code: 1,
      error: {
        code: 'needs-decision',
        hint: 'Say which it is: --rename users.name:label or --create users.label',
      },
      status: 'refused',
      questions: [{ kind: 'column', name: 'users.label', candidates: ['users.name'] }],
      statements: [],
      applied: 0,
    })
    const flags = ['--rename', 'users.name:label', '--allow', 'breaks-clients', '--yes', '--json']
    expect(documentOf(await push(project, database, ...flags))).toMatchObject({
      status: 'ok',
      statements: [
        { sql: 'ALTER TABLE "users" RENAME COLUMN "name" TO "label";', hazards: ['breaks-clients'] },
      ],
    })
    expect(await database.sql`SELECT label FROM users`).toHaveLength(2)
  })

  it('does not take a flag for an answer to another question', async () => {
    const { project, database } = await changed(users('label: text(), age: integer()'))
    const outcome = await push(project, database, '--yes', '--rename', 'people.name:label')
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('[needs-decision]') })
    const flags = ['--create', 'users.label', '--rename', 'people.name:label', '--dry-run']
    expect(await push(project, database, ...flags)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--rename people.name:label fits nothing'),
    })
    expect(await push(project, database, '--rename', 'name')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--rename takes old:new'),
    })
  })

  it('says which statement failed, and that nothing is left of the others', async () => {
    const unique = `unique('users_name').on(t.name)`
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()', unique))
    const outcome = await push(project, database, '--yes', '--allow', 'blocks-reads', '--json')
    expect({ code: outcome.code, ...documentOf<object>(outcome) }).toMatchObject({
      code: 1,
      applied: 0,
      error: {
        sqlstate: '23505',
        message: expect.stringContaining(
          'The statement was: ALTER TABLE "users" ADD CONSTRAINT "users_name" UNIQUE("name");',
        ),
      },
    })
    await expect(database.sql`SELECT mail FROM users`).rejects.toThrow('does not exist')
  })

  it('says how far it came where one transaction is not possible', async () => {
    const unique = `uniqueIndex('users_name').on(t.name).concurrently()`
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()', unique))
    const outcome = await push(project, database, '--yes', '--json')
    expect({ code: outcome.code, ...documentOf<object>(outcome) }).toMatchObject({
      code: 1,
      applied: 1,
      error: { sqlstate: '23505', message: expect.stringContaining('CONCURRENTLY') },
    })
  })

  it('never runs beside a migration', async () => {
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()'))
    const { classId, objectId } = migrationLock(projectWith({}))
    await database.sql`SELECT pg_advisory_lock(${classId}::int, ${objectId}::int)`
    const outcome = await push(project, database, '--yes', '--lock-wait', '0')
    expect(outcome).toMatchObject({ code: 5, stderr: expect.stringContaining('[lock-held]') })
  })

  it('compares while others compare and work', async () => {
    const { project, database } = await changed(before)
    const outcomes = await database.sql.begin(async holder => {
      await holder`LOCK TABLE users IN ACCESS EXCLUSIVE MODE`
      return Promise.all([1, 2, 3].map(() => push(project, database, '--dry-run', '--json')))
    })
    for (const outcome of outcomes) expect(documentOf(outcome)).toMatchObject({ status: 'no_changes' })
  })

  it('gives up where a table stays locked, and leaves all as it was', async () => {
    const unique = `unique('users_age').on(t.age)`
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()', unique))
    const state = await database.dump()
    await database.sql.begin(async holder => {
      await holder`LOCK TABLE users IN ACCESS SHARE MODE`
      const outcome = await push(project, database, '--yes', '--allow', 'blocks-reads', '--lock-wait', '0')
      expect(outcome).toMatchObject({ code: 5 })
    })
    expect(await database.dump()).toBe(state)
  })

  it('asks with strict although --yes is given, where somebody can answer', async () => {
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()'), {
      strict: true,
    })
    const flags = ['push', '--yes', '--quiet', '--url', database.url]
    const no = await answered(flags, project.root, 'n')
    expect(no).toMatchObject({ code: 2, stderr: expect.stringContaining('[declined]') })
    expect(await push(project, database, '--yes')).toMatchObject({ code: 0 })
  })

  it('prints the SQL with verbose', async () => {
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()'), {
      verbose: true,
    })
    expect(await push(project, database, '--yes')).toMatchObject({
      code: 0,
      stderr: 'ALTER TABLE "users" ADD COLUMN "mail" text;\n',
    })
  })

  it('tells of what drizzle-kit has no statement for', async () => {
    const { project, database } = await changed(
      users('name: text(), age: integer()', `unique('u').on(t.age)`),
    )
    await database.sql`ALTER TABLE users ADD CONSTRAINT u UNIQUE (age) DEFERRABLE`
    expect(documentOf(await push(project, database, '--yes', '--json'))).toMatchObject({
      status: 'no_changes',
      unresolved: ['unique constraint public.users.u'],
    })
  })

  it('says what does not converge', async () => {
    const { project, database } = await changed(users('name: text(), age: integer(), mail: text()'))
    await database.sql.unsafe(`
      CREATE FUNCTION undo() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = 'mail' AND NOT attisdropped)
        THEN ALTER TABLE public.users DROP COLUMN mail; END IF;
      END $$;
      CREATE EVENT TRIGGER undo ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION undo()`)
    const outcome = await push(project, database, '--yes', '--json')
    const left = 'ALTER TABLE "users" ADD COLUMN "mail" text;'
    expect({ code: outcome.code, ...documentOf<object>(outcome) }).toMatchObject({
      code: 1,
      error: {
        code: 'not-converged',
        message: `The statement ran, and the database still is not what the schema says. Left: ${left}`,
      },
      applied: 1,
      remaining: [left],
    })
  })

  it('tells of what it could not compare', async () => {
    const { project, database } = await changed(
      `${before}export const v = pgView('v').as(q => q.select({ x: sql\`nothing(1)\`.as('x') }).from(users))\n`,
    )
    const outcome = await push(project, database, '--dry-run', '--json')
    expect(documentOf(outcome)).toMatchObject({
      status: 'planned',
      notCompared: [
        { sql: expect.stringContaining('nothing(1)'), message: expect.stringContaining('nothing') },
      ],
    })
  })

  it('applies casing as drizzle-kit does, and only what the filters name', async () => {
    const { project, database } = await changed(
      `${users('name: text(), age: integer(), firstName: text()')}export const other = pgTable('other', { id: integer() })\n`,
      { casing: 'snake_case', tablesFilter: ['users', '!other'] },
    )
    expect(documentOf(await push(project, database, '--dry-run', '--json'))).toMatchObject({
      statements: [{ sql: 'ALTER TABLE "users" ADD COLUMN "first_name" text;' }],
    })
  })

  it('drops a table only where nothing else rests on it', async () => {
    const { project, database } = await changed(
      "export const other = pgTable('other', { id: integer() })\n",
      {
        tablesFilter: ['users', 'other'],
      },
    )
    await database.sql`CREATE VIEW names AS SELECT name FROM users`
    const flags = [
      '--yes',
      '--create',
      'other',
      '--allow',
      'deletes-data,drops-object,breaks-clients',
      '--json',
    ]
    expect(documentOf(await push(project, database, ...flags))).toMatchObject({
      applied: 0,
      error: { sqlstate: '2BP01' },
    })
    expect(await database.sql`SELECT FROM names`).toHaveLength(2)
  })

  it('stops when it is interrupted while the schema is being read', async () => {
    const { project, database } = await changed(
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000)',
    )
    const outcome = await ops(['push', '--dry-run', '--url', database.url], {
      cwd: project.root,
      interrupt: { signal: 'SIGINT', after: () => sleep(1000) },
    })
    expect(outcome).toMatchObject({ code: 130, stderr: expect.stringContaining('[interrupted]') })
  })

  it('says what a role needs to compare', async () => {
    const { project, database } = await changed(before)
    const { name } = await freshRole()
    const url = new URL(database.url)
    url.username = name
    const outcome = await ops(['push', '--dry-run', '--url', url.href], { cwd: project.root })
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `To compare, the schema is made in passing, under other names and rolled back. [permission-denied, SQLSTATE 42501]\n  → As its owner: GRANT CREATE ON DATABASE "${database.name}" TO "${name}".`,
      ),
    })
  })

  it('says that there is no drizzle-kit, and what is wrong with a schema', async () => {
    const database = await freshDatabase()
    const bare = emptyProject({ schema: './schema.ts' })
    expect(await push(bare, database)).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: The statements of push are written by drizzle-kit, and ${bare.root} has none. [drizzle-kit]\n  → Install it there (npm install --save-dev drizzle-kit).\n`,
    })
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(bare.root, 'node_modules'))
    expect(await push(bare, database)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[schema-missing]'),
    })
    writeSchema(bare, "throw new Error('no DATABASE_SECRET')")
    expect(await push(bare, database)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `${join(bare.root, 'schema.ts')} line 3 threw: no DATABASE_SECRET [schema]`,
      ),
    })
  })
})
