import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parsed } from '../graph/archives.ts'
import { clone, freshDatabase, type TestDatabase, template } from '../support/databases.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { emptyProject } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'

const ONE = '11111111-1111-4111-8111-111111111111'
const OTHER = '22222222-2222-4222-8222-222222222222'
const repository = join(import.meta.dirname, '../..')

const platform = template('export', async ({ sql }: TestDatabase) => {
  const files = (await readdir(join(repository, 'drizzle'))).filter(file => file.endsWith('.sql')).sort()
  for (const file of files) await sql.unsafe(await readFile(join(repository, 'drizzle', file), 'utf8'))
  await sql.unsafe(`
    INSERT INTO users (id, email, created_at, updated_at) SELECT id, id || '@example.com', 'epoch', 'epoch' FROM unnest(ARRAY['ada', 'bob']) AS id;
    INSERT INTO sessions (id, user_id, token, expires_at) VALUES ('s1', 'ada', 'very secret', 'infinity'), ('s2', 'ada', 'as secret', 'epoch');
    INSERT INTO accounts (id, user_id, account_id, provider_id, password) VALUES ('a1', 'ada', '1', 'local', 'hash');
    INSERT INTO projects (id, user_id, name, description) VALUES ('${ONE}', 'ada', 'One', ''), ('${OTHER}', 'ada', 'Other', '');
    INSERT INTO project_files (project_id, path, content) SELECT id, 'a.ts', E'line\\n"two" \\\\ é 🎉' FROM projects;
    INSERT INTO agent_states (project_id) SELECT id FROM projects;
    INSERT INTO conversations (project_id) SELECT id FROM projects, generate_series(1, 2);
    INSERT INTO messages (conversation_id, role, content, created_at) SELECT id, 'user', n::text, now() FROM conversations, generate_series(1, 3) AS n;
    INSERT INTO artifacts (project_id, type, content, created_at) SELECT id, 't', 'c', now() FROM projects;
    INSERT INTO audit_logs (user_id, project_id, action, table_name, record_id, changes, created_at)
    SELECT editor, id, 'update', 'projects', id, 'null', now() FROM projects, unnest(ARRAY['ada', 'bob']) AS editor;`)
})

describe.each(majors())('export on PostgreSQL %i', major => {
  it('writes a project, what hangs from it and its owner to a file', async () => {
    const { url } = await clone(platform, major)
    const { root } = emptyProject()
    const done = await ops(['export', 'projects', ONE, '-o', 'one.ndjson', '--json', '--url', url], {
      cwd: root,
    })
    expect(done).toMatchObject({ code: 0, stderr: '' })
    const file = join(root, 'one.ndjson')
    const archive = readFileSync(file, 'utf8')
    const counts = {
      'public.users': 1,
      'public.projects': 1,
      'public.agent_states': 1,
      'public.artifacts': 1,
      'public.audit_logs': 2,
      'public.conversations': 2,
      'public.messages': 6,
      'public.project_files': 1,
    }
    expect(documentOf(done)).toMatchObject({
      schemaVersion: 1,
      file,
      root: { table: 'public.projects', key: ONE },
      tables: Object.entries(counts).map(([table, rows]) => ({ table, rows })),
      bytes: Buffer.byteLength(archive),
      redacted: [],
      embedded: [{ table: 'public.users', rows: 1 }],
      cleared: [{ reference: 'audit_logs.user_id', rows: 1 }],
      crossing: [],
    })
    const { rows } = parsed(archive)
    expect(Object.fromEntries(Object.entries(rows).map(([table, held]) => [table, held.length]))).toEqual(
      counts,
    )
    expect(rows['public.audit_logs']?.map(row => row.user_id).sort()).toEqual(['ada', null])
    expect(rows['public.project_files']?.[0]?.content).toBe('line\n"two" \\ é 🎉')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(root).sort()).toEqual(['drizzle.config.json', 'one.ndjson', 'package.json'])
  })

  it('differs in the first line at most when it is run again', async () => {
    const { url, sql } = await clone(platform, major)
    const archive = async () =>
      (await ops(['export', 'users', 'ada', '--cross', 'null', '--url', url])).stdout
    const first = await archive()
    // another order on disk
    await sql`UPDATE messages SET role = role`
    await sql`VACUUM FULL messages`
    const second = await archive()
    expect(first).not.toBe(second)
    expect(second.split('\n').slice(1)).toEqual(first.split('\n').slice(1))
  })

  it('leaves secrets out unless they are wanted', async () => {
    const { url } = await clone(platform, major)
    const redacted = await ops(['export', 'users', 'ada', '--cross', 'null', '--url', url])
    expect(redacted.stdout).not.toContain('secret')
    const { rows, manifest } = parsed(redacted.stdout)
    expect(rows['public.accounts']).toMatchObject([{ password: null }])
    const tokens = rows['public.sessions']?.map(({ token }) => token) ?? []
    expect(new Set(tokens).size).toBe(2)
    for (const token of tokens) expect(token).toMatch(/^redacted-[0-9a-f]{64}$/)
    expect(manifest.tables.find(({ table }) => table === 'public.sessions')?.redacted).toEqual(['token'])
    expect(redacted.stderr).toContain('sessions.token')
    const kept = await ops(['export', 'users', 'ada', '--cross', 'null', '--with-secrets', '--url', url])
    expect(parsed(kept.stdout).rows['public.sessions']).toMatchObject([
      { token: 'very secret' },
      { token: 'as secret' },
    ])
  })

  it('masks columns, equal values alike', async () => {
    const { url } = await clone(platform, major)
    const { root } = emptyProject()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      join(root, 'drizzle.config.js'),
      `export default { dialect: 'postgresql' }
       export const ops = { mask: { 'users.email': 'email', 'messages.content': { sql: "repeat('x', length(value))" }, 'users.id': 'hash', 'projects.userId': 'hash', 'audit_logs.user_id': 'hash' } }`,
    )
    const done = await ops(['export', 'projects', ONE, '--url', url, '--config', 'drizzle.config.js'], {
      cwd: root,
    })
    const { rows } = parsed(done.stdout)
    const [user] = rows['public.users'] ?? []
    expect(user?.email).toMatch(/^user-[0-9a-f]{16}@example\.com$/)
    expect(rows['public.projects']?.[0]?.user_id).toBe(user?.id)
    expect(user?.id).not.toBe('ada')
    expect(new Set(rows['public.messages']?.map(({ content }) => content))).toEqual(new Set(['x']))
  })

  it('compresses by name or by flag', async () => {
    const { url } = await clone(platform, major)
    const { root } = emptyProject()
    const run = (...args: string[]) => ops(['export', 'projects', ONE, '--url', url, ...args], { cwd: root })
    expect((await run('-o', 'a.gz')).code).toBe(0)
    expect((await run('-o', 'b', '--compress')).code).toBe(0)
    const plain = (await run()).stdout.split('\n').slice(1)
    for (const file of ['a.gz', 'b']) {
      expect(
        gunzipSync(readFileSync(join(root, file)))
          .toString()
          .split('\n')
          .slice(1),
      ).toEqual(plain)
    }
  })

  it('takes several roots, a condition, or a whole table', async () => {
    const { url } = await clone(platform, major)
    const projects = async (...args: string[]) =>
      parsed((await ops(['export', 'projects', ...args, '--url', url])).stdout).rows['public.projects']?.map(
        row => row.name,
      )
    expect(await projects(ONE, OTHER)).toEqual(['One', 'Other'])
    expect(await projects('--where', "name LIKE 'Ot%' -- a comment")).toEqual(['Other'])
    expect(await projects()).toEqual(['One', 'Other'])
    expect(await projects('--where', 'false')).toBeUndefined()
  })

  it('exports an odd schema as the server has it', async () => {
    const database = await freshDatabase(major)
    await database.sql.unsafe(ODD)
    const { stdout, code } = await ops(['export', '"we""ird T"', '1,a', '--url', database.url])
    expect(code).toBe(0)
    const { rows } = parsed(stdout)
    expect(rows).toMatchObject({
      'public."we""ird T"': [{ 'Key 1': 1, k2: 'a', select: 7 }],
      'other."we""ird T"': [{ id: 1, a: 1, b: 'a' }],
      'public.parts': [
        { id: 1, at: '2025-05-05', a: 1, b: 'a' },
        { id: 2, at: '2026-05-05', a: 1, b: 'a' },
      ],
      'public.left_half': [{ id: 5, a: 1, b: 'a', right_id: 6 }],
      'public.right_half': [{ id: 6, left_id: 5 }],
      'public.tree': [
        { id: 1, parent: null },
        { id: 2, parent: 1 },
        { id: 3, parent: 2 },
      ],
    })
    expect(Object.keys(rows['public."we""ird T"']?.[0] ?? {})).toEqual(['Key 1', 'k2', 'select'])
  })
})

/** Composite keys, odd names, one name in two schemas, partitions, a circle of NOT NULL references, a tree. */
const ODD = `
  CREATE SCHEMA other;
  CREATE TABLE "we""ird T" ("Key 1" int, k2 text, "select" int, doubled int GENERATED ALWAYS AS ("select" * 2) STORED, PRIMARY KEY ("Key 1", k2));
  CREATE TABLE other."we""ird T" (id int PRIMARY KEY, a int NOT NULL, b text NOT NULL, FOREIGN KEY (a, b) REFERENCES public."we""ird T");
  CREATE TABLE parts (id int, at date, a int NOT NULL, b text NOT NULL, PRIMARY KEY (id, at), FOREIGN KEY (a, b) REFERENCES "we""ird T") PARTITION BY RANGE (at);
  CREATE TABLE parts_2025 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE left_half (id int PRIMARY KEY, a int NOT NULL, b text NOT NULL, right_id int NOT NULL, FOREIGN KEY (a, b) REFERENCES "we""ird T");
  CREATE TABLE right_half (id int PRIMARY KEY, left_id int NOT NULL REFERENCES left_half);
  ALTER TABLE left_half ADD FOREIGN KEY (right_id) REFERENCES right_half DEFERRABLE INITIALLY DEFERRED;
  CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree, other_id int REFERENCES other."we""ird T");
  INSERT INTO "we""ird T" VALUES (1, 'a', 7), (1, 'b', 8);
  INSERT INTO other."we""ird T" VALUES (1, 1, 'a'), (2, 1, 'b');
  INSERT INTO parts VALUES (1, '2025-05-05', 1, 'a'), (2, '2026-05-05', 1, 'a'), (3, '2026-05-05', 1, 'b');
  INSERT INTO left_half VALUES (5, 1, 'a', 6), (7, 1, 'b', 8);
  INSERT INTO right_half VALUES (6, 5), (8, 7);
  INSERT INTO tree VALUES (1, NULL, 1), (2, 1, NULL), (3, 2, NULL), (4, NULL, 2);`

describe('export', () => {
  const failing = async (...args: string[]) => {
    const { url } = await clone(platform)
    const { code, stdout } = await ops(['export', ...args, '--json', '--url', url], { cwd: emptyFolder() })
    return { code, error: documentOf<{ error: object }>({ stdout }).error }
  }

  it('names the nearest table', async () => {
    expect(await failing('project', ONE)).toEqual({
      code: 2,
      error: { code: 'table-unknown', message: 'There is no table project.', hint: 'Did you mean projects?' },
    })
  })

  it('refuses keys that do not fit, and names rows that are not there', async () => {
    expect(await failing('projects', '12')).toMatchObject({
      code: 2,
      error: { code: 'key-invalid', sqlstate: '22P02' },
    })
    expect(await failing('projects', ONE, '33333333-3333-4333-8333-333333333333')).toEqual({
      code: 1,
      error: {
        code: 'row-missing',
        message: 'projects has no row 33333333-3333-4333-8333-333333333333.',
        hint: 'Look the key up; nothing was exported.',
      },
    })
    expect(await failing('projects', '--where', 'nam = 1')).toMatchObject({
      code: 2,
      error: { code: 'where-invalid', sqlstate: '42703' },
    })
  })

  it('refuses more rows than it may have, and leaves no file', async () => {
    const folder = emptyFolder()
    const { url } = await clone(platform)
    const done = await ops(
      ['export', 'projects', ONE, '--row-limit', '14', '-o', 'x', '--json', '--url', url],
      { cwd: folder },
    )
    expect(done.code).toBe(1)
    expect(documentOf(done)).toMatchObject({
      error: {
        code: 'too-many-rows',
        message:
          'The export would have 15 rows, and --row-limit is 14: public.messages 6, public.audit_logs 2, public.conversations 2.',
      },
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('says where it cannot write', async () => {
    expect(await failing('projects', ONE, '-o', 'no/such/folder')).toMatchObject({
      code: 2,
      error: { code: 'file-unwritable' },
    })
  })

  it('draws what would be exported, and the way of a row', async () => {
    const { url, sql } = await clone(platform)
    const [message] = await sql<{ id: string; conversation: string }[]>`
      SELECT messages.id, conversation_id AS conversation FROM messages JOIN conversations ON conversations.id = conversation_id
      WHERE project_id = ${ONE} LIMIT 1`
    const { stdout } = await ops([
      'export',
      'projects',
      ONE,
      '--explain',
      '--why',
      `messages=${message?.id}`,
      '--url',
      url,
    ])
    expect(stdout).toBe(`public.projects ${ONE}: 1 row
├ public.agent_states: 1 row  by agent_states.project_id
├ public.artifacts: 1 row  by artifacts.project_id
├ public.project_files: 1 row  by project_files.project_id
├ public.conversations: 2 rows  by conversations.project_id
│ └ public.messages: 6 rows  by messages.conversation_id
└ public.audit_logs: 2 rows  by audit_logs.project_id
public.users: 1 row  required by projects.user_id
audit_logs.user_id is NULL where its row of public.users is not exported for another reason.
The way of that row:
public.messages ${message?.id}, by messages.conversation_id
  public.conversations ${message?.conversation}, by conversations.project_id
    public.projects ${ONE}
`)
  })

  it('plans without reading rows, and names missing indexes', async () => {
    const { url, sql } = await clone(platform)
    await sql`DROP INDEX messages_conversation_id_created_at_idx`
    const { stdout } = await ops(['export', 'projects', ONE, '--plan', '--json', '--url', url])
    expect(documentOf({ stdout })).toMatchObject({
      root: { table: 'public.projects', key: ONE },
      missingIndexes: [
        {
          reference: 'messages.conversation_id',
          table: 'public.messages',
          sql: 'CREATE INDEX CONCURRENTLY ON "public"."messages" ("conversation_id")',
        },
      ],
      way: null,
    })
  })

  it('takes the table of projects from the configuration', async () => {
    const { url } = await clone(platform)
    const { root } = emptyProject()
    const done = await ops(['project', 'export', ONE, '--json', '--url', url], { cwd: root })
    expect(documentOf(done)).toMatchObject({ error: { code: 'root-unknown' } })
    expect(done.code).toBe(2)
  })
})

it('shows no values with --verbose', async () => {
  const { url } = await clone(platform)
  const { stderr } = await ops(['export', 'users', 'ada', '--cross', 'skip', '--verbose', '--url', url])
  expect(stderr).toContain('FROM ONLY "public"."users"')
  expect(stderr).not.toContain(Buffer.from('ada').toString('hex'))
})
