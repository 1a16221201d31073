import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { afterFile, afterTest } from '../support/cleanup.ts'
import { connect } from '../support/client.ts'
import { freshDatabase } from '../support/databases.ts'
import { failure, secret, told, withSecret } from '../support/failures.ts'
import { journalProject } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { startServer, type TestServer } from '../support/servers.ts'
import { admin, majors, newestMajor, sharedServer } from '../support/shared-servers.ts'

function statusAt(url: string, password?: string) {
  const { root } = journalProject([])
  return failure(['status', '--url', withSecret(url, password)], { cwd: root })
}

describe.each(majors())('PostgreSQL %i', major => {
  const at = `127.0.0.1:${sharedServer(major).port}`

  it('wrong password', async () => {
    const role = await freshRole('password', major)
    secret(role.password)
    expect(await statusAt(`postgres://${role.name}@${at}/postgres`)).toEqual(
      told({
        exit: 3,
        code: 'wrong-password',
        message: `The server refuses the user ${role.name} with this password.`,
        hint: 'Correct the user or the password in --url; one that is not in there came from PGPASSWORD or ~/.pgpass.',
        sqlstate: '28P01',
      }),
    )
  })

  it('no password', async () => {
    const role = await freshRole('password', major)
    secret(role.password)
    const { root } = journalProject([])
    const url = `postgres://${role.name}@${at}/postgres`
    expect(await failure(['status'], { cwd: root, env: { DATABASE_URL: url } })).toEqual(
      told({
        exit: 3,
        code: 'password-missing',
        message: `The server asks for the password of the user ${role.name}, and none was given.`,
        hint: 'Write it into DATABASE_URL, set PGPASSWORD, or add a line to ~/.pgpass.',
        sqlstate: '28P01',
      }),
    )
  })

  it('unknown role', async () => {
    expect(await statusAt(`postgres://Nobody@${at}/postgres`)).toEqual(
      told({
        exit: 3,
        code: 'role-unknown',
        message: 'There is no role Nobody on the server.',
        hint: 'Correct the user in --url, or create it: CREATE ROLE "Nobody" LOGIN.',
        sqlstate: '28000',
      }),
    )
  })

  it('role that may not log in', async () => {
    const { name } = await freshRole(undefined, major)
    await admin(major).unsafe(`ALTER ROLE ${name} NOLOGIN`)
    expect(await statusAt(`postgres://${name}@${at}/postgres`)).toEqual(
      told({
        exit: 3,
        code: 'not-allowed',
        message: `The role ${name} may not log in.`,
        hint: `As a superuser: ALTER ROLE "${name}" LOGIN, or name another user in --url.`,
        sqlstate: '28000',
      }),
    )
  })

  it('role with no connection left', async () => {
    const { name } = await freshRole(undefined, major)
    await admin(major).unsafe(`ALTER ROLE ${name} CONNECTION LIMIT 0`)
    expect(await statusAt(`postgres://${name}@${at}/postgres`)).toEqual(
      told({
        exit: 3,
        code: 'too-many-connections',
        message: `The server has no connection left for ${name}: too many connections for role "${name}".`,
        hint: 'Close idle sessions, or raise the limit (max_connections, or CONNECTION LIMIT of the role or the database); drizzle-ops itself needs one.',
        sqlstate: '53300',
      }),
    )
  })

  it('unknown database', async () => {
    expect(await statusAt(`postgres://postgres@${at}/shop`)).toEqual(
      told({
        exit: 3,
        code: 'database-unknown',
        message: `There is no database shop on ${at}.`,
        hint: 'Correct the name in --url, or let drizzle-ops migrate --create-database make it.',
        sqlstate: '3D000',
      }),
    )
  })

  it('database that the role may not enter', async () => {
    const { name } = await freshRole(undefined, major)
    const database = await freshDatabase(major)
    await database.sql`REVOKE CONNECT ON DATABASE ${database.sql(database.name)} FROM PUBLIC`
    expect(await statusAt(`postgres://${name}@${at}/${database.name}`)).toEqual(
      told({
        exit: 3,
        code: 'not-allowed',
        message: `The server does not let ${name} into the database ${database.name}: permission denied for database "${database.name}".`,
        hint: `As its owner: GRANT CONNECT ON DATABASE "${database.name}" TO "${name}".`,
        sqlstate: '42501',
      }),
    )
  })

  it('database that lets nobody in', async () => {
    expect(await statusAt(`postgres://postgres@${at}/template0`)).toEqual(
      told({
        exit: 3,
        code: 'not-allowed',
        message:
          'The server does not let postgres in: database "template0" is not currently accepting connections.',
        hint: "See the server's log, and what its pg_hba.conf asks of this user, database and address.",
        sqlstate: '55000',
      }),
    )
  })

  it('database that may not be created', async () => {
    const { name } = await freshRole(undefined, major)
    const { root } = journalProject([])
    const url = withSecret(`postgres://${name}@${at}/shop`)
    expect(await failure(['migrate', '--create-database', '--url', url], { cwd: root })).toEqual(
      told({
        exit: 1,
        code: 'permission-denied',
        message: 'The database refuses: permission denied to create database.',
        hint: `As a superuser: ALTER ROLE "${name}" CREATEDB.`,
        sqlstate: '42501',
      }),
    )
  })
})

describe('a server', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({
      major: newestMajor(),
      settings: { max_connections: 5, superuser_reserved_connections: 3 },
    })
    afterFile(() => server.stop('immediate'))
  })

  it('with too many connections', async () => {
    const superuser = connect(server.url(), 1)
    await superuser`CREATE ROLE app LOGIN`
    const idle = connect(server.url('postgres', 'app'), 1)
    await idle`SELECT 1`
    const failed = await statusAt(server.url('postgres', 'app')).finally(() =>
      Promise.all([idle.end(), superuser.end()]),
    )
    expect(failed).toEqual(
      told({
        exit: 3,
        code: 'too-many-connections',
        message: `The server has no connection left for app: remaining connection slots are reserved for ${
          server.major < 16 ? 'non-replication superuser connections' : 'roles with the SUPERUSER attribute'
        }.`,
        hint: 'Close idle sessions, or raise the limit (max_connections, or CONNECTION LIMIT of the role or the database); drizzle-ops itself needs one.',
        sqlstate: '53300',
      }),
    )
  })

  it('that shuts down', async () => {
    const last = connect(server.url(), 1)
    await last`SELECT 1`
    process.kill(server.pid, 'SIGTERM')
    const failed = await statusAt(server.url())
    await last.end()
    expect(failed).toEqual(
      told({
        exit: 3,
        code: 'server-stopping',
        message: 'The server is going: the database system is shutting down.',
        hint: 'Start it again; drizzle-ops wait waits until it answers.',
        sqlstate: '57P03',
      }),
    )
  })

  it('that starts up', async () => {
    // a restore command that takes its time keeps the server in recovery
    await appendFile(join(server.dataDirectory, 'postgresql.conf'), "restore_command = 'sleep 30; false'\n")
    await writeFile(join(server.dataDirectory, 'recovery.signal'), '')
    const started = server.restart().catch(() => undefined)
    afterTest(async () => {
      await server.stop('immediate')
      await started
    })
    await expect
      .poll(() => statusAt(server.url()))
      .toEqual(
        told({
          exit: 3,
          code: 'server-starting',
          message: 'The server takes no connections yet: the database system is starting up.',
          hint: 'Try again in a moment, or let drizzle-ops wait stand before this command.',
          sqlstate: '57P03',
        }),
      )
  })
})
