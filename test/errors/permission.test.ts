import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { migrateFails } from '../support/migrating.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'

const users = { name: '0000_users', sql: 'CREATE TABLE users (id int PRIMARY KEY);' }

describe.each(majors())('a role on PostgreSQL %i', major => {
  it('that may not create in a schema', async () => {
    const { database, user } = await restricted()
    await database.sql`CREATE SCHEMA shop`
    await database.sql`GRANT CREATE ON DATABASE ${database.sql(database.name)} TO ${database.sql(user)}`
    const sql = 'CREATE TABLE shop.users (id int);'
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }], { user })
    expect(failed).toEqual(
      expected({
        code: 'permission-denied',
        message: `${file}, statement 1, line 1: permission denied for schema shop.`,
        hint: `As its owner: GRANT USAGE, CREATE ON SCHEMA "shop" TO "${user}".`,
        sqlstate: '42501',
        where: { file, statement: 1, line: 1, column: 14 },
        excerpt: ['  1 | CREATE TABLE shop.users (id int);', '                   ^'],
      }),
    )
  })

  it('that may not write a table', async () => {
    const { database, user } = await restricted()
    await database.sql`CREATE TABLE "Users" (id int)`
    await database.sql`GRANT CREATE ON DATABASE ${database.sql(database.name)} TO ${database.sql(user)}`
    const sql = 'INSERT INTO "Users" VALUES (1);'
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }], { user })
    expect(failed).toEqual(
      expected({
        code: 'permission-denied',
        message: `${file}, statement 1, line 1: permission denied for table Users.`,
        hint: `As its owner: GRANT INSERT ON "Users" TO "${user}".`,
        sqlstate: '42501',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: ['  1 | INSERT INTO "Users" VALUES (1);', '      ^'],
      }),
    )
  })

  it('that does not own a table', async () => {
    const { database, user } = await restricted()
    await database.sql`CREATE TABLE users (id int)`
    await database.sql`GRANT CREATE ON DATABASE ${database.sql(database.name)} TO ${database.sql(user)}`
    const sql = 'ALTER TABLE users ADD COLUMN name text;'
    const { failed, file, expected } = await migrateFails(database, [{ name: '0000_users', sql }], { user })
    expect(failed).toEqual(
      expected({
        code: 'permission-denied',
        message: `${file}, statement 1, line 1: must be owner of table users.`,
        hint: `Connect as its owner, or have it given: ALTER TABLE "users" OWNER TO "${user}".`,
        sqlstate: '42501',
        where: { file, statement: 1, line: 1, column: 1 },
        excerpt: [`  1 | ${sql}`, '      ^'],
      }),
    )
  })

  it('that may not make the history', async () => {
    const { database, user } = await restricted()
    const { failed, expected } = await migrateFails(database, [users], { user })
    expect(failed).toEqual(
      expected({
        code: 'permission-denied',
        message: `The database refuses: permission denied for database ${database.name}.`,
        hint: `As its owner: GRANT CREATE ON DATABASE "${database.name}" TO "${user}".`,
        sqlstate: '42501',
        notes: [],
      }),
    )
  })

  it('whose transactions are read-only', async () => {
    const { database, user } = await restricted()
    await database.sql`GRANT CREATE ON DATABASE ${database.sql(database.name)} TO ${database.sql(user)}`
    await database.sql`ALTER ROLE ${database.sql(user)} SET default_transaction_read_only = on`
    const { failed, expected } = await migrateFails(database, [users], { user })
    expect(failed).toEqual(
      expected({
        code: 'read-only',
        message: 'The database takes no writes: cannot execute CREATE SCHEMA in a read-only transaction.',
        hint: 'If it is a standby, connect to the primary; else see default_transaction_read_only of the role and the database.',
        sqlstate: '25006',
        notes: [],
      }),
    )
  })

  async function restricted() {
    const { name } = await freshRole(undefined, major)
    return { database: await freshDatabase(major), user: name }
  }
})
