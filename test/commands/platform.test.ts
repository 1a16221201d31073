import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { insertNodes } from '../../src/platform/services/nodes.ts'
import {
  connectRepository,
  createWorkspace,
  recordDeployment,
} from '../../src/platform/services/workspaces.ts'
import { freshDatabase } from '../support/databases.ts'
import { type PlatformDatabase, platformDatabase, userWithProject } from '../support/platform.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'
import { freshRole } from '../support/roles.ts'
import { majors } from '../support/shared-servers.ts'

const repository = process.cwd()

const on =
  ({ url }: { readonly url: string }) =>
  (line: string, ...more: string[]) =>
    ops([...line.split(' '), ...more, '--url', url], { cwd: repository })

async function asked<T extends object>(database: PlatformDatabase, line: string): Promise<T> {
  const outcome = await on(database)(line, '--json', '--yes')
  expect(outcome, line).toMatchObject({ code: 0, stderr: '' })
  return documentOf<T>(outcome)
}

async function audited({ sql }: PlatformDatabase) {
  const rows = await sql<{ action: string; changes: { operator: string; command: string } }[]>`
    SELECT action, changes FROM audit_logs WHERE changes ? 'command' ORDER BY id`
  return rows.map(({ action, changes }) => [action, changes.command, typeof changes.operator])
}

describe.each(majors())('on PostgreSQL %i', major => {
  it('projects are made, listed, shown, changed, given away, hidden, restored and deleted', async () => {
    const database = await platformDatabase(major)
    await asked(database, 'user create --id ada --email ada@example.com --name Ada')
    await asked(database, 'user create --id bob --email bob@example.com')
    const { project } = await asked<{ project: { id: string } }>(
      database,
      'project create --user ada --name Notes',
    )
    await database.sql`INSERT INTO project_files (project_id, path, content) VALUES (${project.id}, 'a.ts', 'one')`
    await database.sql`
      UPDATE agent_states SET phases = '[{"name": "plan", "description": "think", "files": [], "completed": true}]'`
    expect(await asked(database, 'project list --count')).toEqual({
      schemaVersion: 1,
      database: {
        name: database.name,
        host: '127.0.0.1',
        port: expect.any(Number),
        user: 'postgres',
        source: '--url',
      },
      projects: [
        expect.objectContaining({
          id: project.id,
          name: 'Notes',
          status: 'idle',
          userId: 'ada',
          deletedAt: null,
        }),
      ],
      next: null,
      total: 1,
    })
    expect(await asked(database, `project show ${project.id}`)).toMatchObject({
      project: {
        id: project.id,
        files: [{ path: 'a.ts', bytes: 3 }],
        agentState: { currentState: 'idle', phases: [{ name: 'plan' }] },
        conversation: { messages: [{ role: 'system' }] },
      },
    })
    expect(await asked(database, `project status ${project.id} active`)).toMatchObject({
      project: { status: 'active' },
    })
    expect(await asked(database, 'project list --status active,failed --user ada')).toMatchObject({
      projects: [{ id: project.id }],
    })
    await asked(database, `project transfer ${project.id} --from ada --to bob`)
    expect(await asked(database, `project delete ${project.id}`)).toMatchObject({
      dryRun: false,
      forGood: false,
    })
    expect(await asked(database, 'project list')).toMatchObject({ projects: [] })
    expect(await asked(database, 'project list --deleted only')).toMatchObject({
      projects: [{ id: project.id }],
    })
    await asked(database, `project restore ${project.id}`)
    await asked(database, `project delete ${project.id} --for-good`)
    expect(await asked(database, 'project list --deleted')).toMatchObject({ projects: [] })
    expect(await audited(database)).toEqual(
      [
        ['create', 'user create'],
        ['create', 'user create'],
        ['create', 'project create'],
        ['status', 'project status'],
        ['transfer', 'project transfer'],
        ['delete', 'project delete'],
        ['restore', 'project restore'],
        ['destroy', 'project delete'],
      ].map(each => [...each, 'string']),
    )
  })

  it('dry runs say the same and change nothing', async () => {
    const database = await platformDatabase(major)
    const { project } = await userWithProject(database.db)
    const before = await database.sql`SELECT count(*) FROM audit_logs`
    for (const line of [
      'project create --user ada --name Other',
      `project status ${project.id} failed`,
      `project delete ${project.id}`,
      `project delete ${project.id} --for-good`,
      'user create --email new@example.com',
      'user delete ada',
      'user delete ada --for-good',
      'session revoke --user ada',
      'session purge',
    ]) {
      expect(await asked(database, `${line} --dry-run`), line).toMatchObject({ dryRun: true })
    }
    expect(await database.sql`SELECT count(*) FROM audit_logs`).toEqual(before)
    expect(await asked(database, 'project list')).toMatchObject({
      projects: [{ name: 'Notes', status: 'idle' }],
    })
    expect(await asked(database, 'user list')).toMatchObject({ users: [{ id: 'ada' }] })
  })

  it('users and sessions are listed, revoked, purged, hidden and restored, without a token ever shown', async () => {
    const database = await platformDatabase(major)
    await userWithProject(database.db)
    await database.sql`
      INSERT INTO sessions (id, user_id, token, expires_at)
      SELECT 's' || n, 'ada', 'sesame-' || n, now() + (n - 2) * interval '1 day' FROM generate_series(1, 5) n`
    const shown = await on(database)('user show ada', '--json')
    expect(documentOf(shown)).toMatchObject({
      user: {
        email: 'ada@example.com',
        projects: [{ name: 'Notes' }],
        sessions: [{ id: 's5' }, { id: 's4' }, { id: 's3' }],
      },
    })
    const listed = await on(database)('session list --count')
    expect(listed.stdout).toContain('3 of 3 shown.')
    expect(`${shown.stdout}${listed.stdout}`).not.toContain('sesame')
    expect(await asked(database, 'session revoke s5')).toMatchObject({ revoked: 1 })
    expect(await asked(database, 'session revoke --user ada')).toMatchObject({ revoked: 4 })
    expect(await asked(database, 'session purge')).toMatchObject({ purged: 2 })
    expect(await asked(database, 'session purge --idle-days 1')).toMatchObject({ purged: 0 })
    await asked(database, 'user delete ada')
    expect(await on(database)('user show ada')).toMatchObject({ code: 1, stdout: '' })
    await asked(database, 'user restore ada')
    expect(await asked(database, 'user list --search ADA@ --count')).toMatchObject({
      users: [{ id: 'ada' }],
      total: 1,
    })
  })

  it('a workspace is drawn with its pages', async () => {
    const database = await platformDatabase(major)
    const { db } = database
    await userWithProject(db)
    const { id } = await createWorkspace(db, { userId: 'ada', slug: 'ada', name: "Ada's" })
    const node = (uuid: string, parentUuid: string | null) => ({
      uuid,
      parentUuid,
      pageName: uuid,
      slug: uuid,
      title: `The ${uuid}`,
    })
    await insertNodes(db, id, [
      node('home', null),
      node('one', 'home'),
      node('deep', 'one'),
      node('deeper', 'deep'),
    ])
    await connectRepository(db, id, { repoUrl: 'https://git.example.com/a', deployKey: 'sesame' })
    await recordDeployment(db, { workspaceId: id, commitSha: 'abc', status: 'success' })
    expect(await asked(database, 'workspace list')).toMatchObject({ workspaces: [{ id, slug: 'ada' }] })
    const { stdout, code } = await on(database)(`workspace show ${id}`)
    expect(code).toBe(0)
    expect(stdout).toContain('Pages (1)\nThe home\n  └ The one\n    └ The deep\nNewest deployments\n')
    expect(stdout).not.toContain('sesame')
    expect(await asked(database, `workspace show ${id} --depth 9`)).toMatchObject({
      workspace: { pages: { length: 4 } },
    })
  })
})

describe('refused is', () => {
  it('what cannot be found, naming it', async () => {
    const database = await platformDatabase()
    expect(await on(database)('user show nobody')).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: There is no user nobody. [not-found]
  → drizzle-ops user list --deleted shows also what is deleted softly.
`,
    })
    expect(await on(database)('project status 00000000-0000-4000-8000-000000000000 idl')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Command-argument value 'idl' is invalid for argument 'status'. Did you mean idle? There are draft, idle, generating, active, complete, failed. [usage]
  → drizzle-ops project status --help lists what there is.
`,
    })
    expect(await on(database)('project show 7')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Command-argument value '7' is invalid for argument 'id'. Write a uuid, as drizzle-ops project list shows them. [usage]
  → drizzle-ops project show --help lists what there is.
`,
    })
    expect(await on(database)('session revoke')).toMatchObject({ code: 2 })
  })

  it('destruction that nobody agreed to', async () => {
    const database = await platformDatabase()
    const { project } = await userWithProject(database.db)
    expect(await on(database)(`project delete ${project.id} --for-good`)).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: Project ${project.id} (Notes, of user ada) is deleted for good, with everything that hangs from it. Nobody is at a terminal to agree. [consent-missing]
  → Add --yes to agree beforehand.
`,
    })
    expect(await asked(database, 'project list')).toMatchObject({ projects: [{ id: project.id }] })
  })

  it('a role that may not, naming what it lacks and no more', async () => {
    const database = await platformDatabase()
    const { project } = await userWithProject(database.db)
    const { name } = await freshRole()
    const asRole = on({ url: database.url.replace('postgres@', `${name}@`) })
    const listed = await asRole('project list')
    expect(listed).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: The database refuses: permission denied for table projects. [permission-denied, SQLSTATE 42501]
  → As its owner: GRANT SELECT ON "projects" TO "${name}".
`,
    })
    await database.sql.unsafe(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name}`)
    expect(await asRole('project list', '--quiet')).toMatchObject({ code: 0 })
    const hidden = await asRole(`project delete ${project.id} --yes`)
    expect(hidden.stderr).toContain(`→ As its owner: GRANT SELECT, UPDATE ON "projects" TO "${name}".\n`)
  })

  it('another project, and a database that is not the platform’s', async () => {
    const elsewhere = emptyFolder()
    write(join(elsewhere, 'drizzle.config.json'), '{"dialect":"postgresql"}')
    const database = await freshDatabase()
    const other = await ops(['project', 'list', '--url', database.url], { cwd: elsewhere })
    expect(other).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: This command administers the platform that drizzle-ops ships with, and ${elsewhere}/drizzle.config.json is another project's. [not-platform]
  → The platform says so itself, with ops.platform: true in its drizzle config.
`,
    })
    expect(await on(database)('user list')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${database.name} has no audit_logs.id, so it is not the platform's database, or not up to date. [not-platform-database]
  → See where it stands: drizzle-ops status. Another database is named with --url.
`,
    })
  })
})
