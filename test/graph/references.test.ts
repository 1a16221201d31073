import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { type Generation, repository } from '../support/drizzle.ts'
import { documentOf, emptyFolder, ops } from '../support/program.ts'
import { write } from '../support/project.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { parsed } from './archives.ts'

const TABLES = `
  CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);
  CREATE TABLE projects (id uuid PRIMARY KEY, user_id int NOT NULL REFERENCES users, settings jsonb);
  CREATE TABLE notes (id int PRIMARY KEY, project_id uuid, author_id int);
  CREATE TABLE events (id int PRIMARY KEY, subject_table text NOT NULL, subject_id text NOT NULL);
  CREATE TABLE actors (id int PRIMARY KEY, name text, notes jsonb);
  INSERT INTO users VALUES (1, 'ada@example.com'), (2, 'bob@example.com');
  INSERT INTO actors VALUES (1, 'one'), (2, 'two'), (3, 'three');
  INSERT INTO projects VALUES ('00000000-0000-4000-8000-000000000001', 1, '{"actors":[{"id":1},{"id":3}]}'),
                              ('00000000-0000-4000-8000-000000000002', 2, '{"actors":[{"id":2}]}');
  INSERT INTO notes SELECT n, CASE n % 2 WHEN 1 THEN '00000000-0000-4000-8000-000000000001'::uuid ELSE '00000000-0000-4000-8000-000000000002' END, 2
  FROM generate_series(1, 4) AS n;
  INSERT INTO events VALUES (1, 'projects', '00000000-0000-4000-8000-000000000001'), (2, 'users', '00000000-0000-4000-8000-000000000001'), (3, 'projects', 'gone');`

const ONE = '00000000-0000-4000-8000-000000000001'

async function exported(
  ops_: object,
  args: readonly string[] = [],
  schema = '',
  more = '',
  generation: Generation = '0.x',
) {
  const { url, sql } = await freshDatabase()
  await sql.unsafe(TABLES + more)
  const root = emptyFolder()
  const packages = generation === '0.x' ? repository : await ensureRuntime('drizzle-1.0')
  symlinkSync(join(packages, 'node_modules'), join(root, 'node_modules'))
  write(join(root, 'package.json'), '{}')
  if (schema) write(join(root, 'schema.ts'), schema)
  write(
    join(root, 'drizzle.config.js'),
    `export default { dialect: 'postgresql', schema: './schema.ts' }\nexport const ops = ${JSON.stringify(ops_)}`,
  )
  const done = await ops(['export', 'projects', ONE, '--url', url, ...args], { cwd: root })
  return done
}

async function ids(...args: Parameters<typeof exported>): Promise<Record<string, unknown[]>> {
  const { stdout, stderr } = await exported(...args)
  expect(stderr).not.toMatch(/error|bug/)
  const { rows } = parsed(stdout)
  return Object.fromEntries(
    Object.entries(rows).map(([table, held]) => [table.replace('public.', ''), held.map(row => row.id)]),
  )
}

const BASE = { projects: [ONE], users: [1] }

it('follows what the config declares: columns, polymorphic pairs and JSON paths', async () => {
  expect(await ids({})).toEqual(BASE)
  expect(
    await ids({ graph: { references: [{ column: 'notes.project_id', references: 'projects.id' }] } }),
  ).toEqual({
    ...BASE,
    notes: [1, 3],
  })
  expect(
    await ids({
      graph: {
        references: [
          { column: 'events.subjectId', references: 'projects.id', when: { subject_table: 'projects' } },
        ],
      },
    }),
  ).toEqual({ ...BASE, events: [1] })
  expect(
    await ids({
      graph: {
        references: [{ column: 'projects.settings', references: 'actors.id', path: '$.actors[*].id' }],
        edges: { 'projects.settings': { parent: 'embed' } },
      },
    }),
  ).toEqual({ ...BASE, actors: [1, 3] })
})

it('tells which of these no index helps to follow, and what would', async () => {
  const references = [
    { column: 'notes.project_id', references: 'projects.id' },
    { column: 'events.subject_id', references: 'projects.id', when: { subject_table: 'projects' } },
    { column: 'notes.author_id', references: 'events.subject_id' },
    { column: 'actors.notes', references: 'notes.id', path: '$[*]' },
  ]
  const missing = async (more: string) => {
    const done = await exported({ graph: { references } }, ['--plan', '--json'], '', more)
    return documentOf<{ missingIndexes: { reference: string; sql: string | null }[] }>(
      done,
    ).missingIndexes.map(({ reference, sql }) => `${reference}: ${sql}`)
  }
  const none = [
    'notes.project_id: CREATE INDEX CONCURRENTLY ON "public"."notes" ("project_id")',
    'notes.author_id: CREATE INDEX CONCURRENTLY ON "public"."notes" (("author_id"::text))',
    'events.subject_id: CREATE INDEX CONCURRENTLY ON "public"."events" ("subject_id")',
    'actors.notes: null',
  ]
  expect(await missing('')).toEqual(none)
  // of other columns, of some rows, of another method, the column's own value where its text is compared
  expect(
    await missing(`
      CREATE INDEX ON notes (id, project_id);
      CREATE INDEX ON notes (project_id) WHERE id > 2;
      CREATE INDEX ON notes USING brin (project_id);
      CREATE INDEX ON notes (author_id);
      CREATE INDEX ON actors (notes);
      CREATE INDEX ON events (id, subject_table, subject_id);
      CREATE INDEX ON events (subject_id) WHERE subject_table = 'users'`),
  ).toEqual(none)
  expect(
    await missing(`
      CREATE INDEX ON notes (project_id, id) WHERE project_id IS NOT NULL;
      CREATE INDEX ON notes ((author_id::text));
      CREATE INDEX ON events (subject_table, subject_id)`),
  ).toEqual(none.slice(3))
  expect(
    await missing(`
      CREATE INDEX ON notes USING hash (project_id);
      CREATE INDEX ON events (subject_id) WHERE subject_table = 'projects'`),
  ).toEqual([none[1], none[3]])
  // words that SQL keeps for itself
  expect(
    await missing('CREATE TABLE "order" (id int PRIMARY KEY, "group" uuid REFERENCES projects)'),
  ).toContain('order.group: CREATE INDEX CONCURRENTLY ON "public"."order" ("group")')
  expect((await exported({ graph: { references } }, ['--plan'])).stdout).toContain(
    `
No index helps to follow events.subject_id: CREATE INDEX CONCURRENTLY ON "public"."events" ("subject_id");
No index can help to follow actors.notes: all of public.actors is read.
`,
  )
})

const SCHEMA = `import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
export const users = pgTable('users', { id: integer('id').primaryKey(), email: text('email') })
export const projects = pgTable('projects', { id: uuid('id').primaryKey(), ownerId: integer('user_id') })
export const notes = pgTable('notes', { id: integer('id').primaryKey(), projectId: uuid('project_id'), authorId: integer('author_id') })
export const events = pgTable('events', { id: integer('id').primaryKey(), subjectTable: text('subject_table'), subjectId: text('subject_id') })
`

describe('the relations of the schema', () => {
  const relations = `${SCHEMA}import { relations } from 'RELATIONS'
export const notesRelations = relations(notes, ({ one }) => ({ project: one(projects, { fields: [notes.projectId], references: [projects.id] }) }))
export const projectsRelations = relations(projects, ({ many }) => ({ notes: many(notes) }))`

  it.each(['0.x', '1.0'] as const)('are followed when asked, with drizzle-orm %s', async generation => {
    const schema = relations.replace('RELATIONS', `drizzle-orm${generation === '0.x' ? '' : '/_relations'}`)
    expect(await ids({}, [], schema, '', generation)).toEqual(BASE)
    expect(await ids({}, ['--relations'], schema, '', generation)).toEqual({ ...BASE, notes: [1, 3] })
  })

  const defined = (text: string) => `${SCHEMA}import { defineRelations } from 'drizzle-orm'
export const defined = defineRelations({ users, projects, notes, events }, r => (${text}))`
  const project = '{ project: r.one.projects({ from: r.notes.projectId, to: r.projects.id }) }'
  const cases: [string, string, object][] = [
    ['one', `{ notes: ${project}, projects: { notes: r.many.notes() } }`, { notes: [1, 3] }],
    [
      'many',
      '{ projects: { notes: r.many.notes({ from: r.projects.id, to: r.notes.projectId }) } }',
      { notes: [1, 3] },
    ],
    [
      'one, written the other way round',
      '{ projects: { note: r.one.notes({ from: r.projects.id, to: r.notes.projectId }) } }',
      { notes: [1, 3] },
    ],
    [
      'many on a condition',
      "{ projects: { events: r.many.events({ from: r.projects.id, to: r.events.subjectId, where: { subjectTable: 'projects' } }) } }",
      { events: [1] },
    ],
    [
      'many on a condition with an operator',
      "{ projects: { events: r.many.events({ from: r.projects.id, to: r.events.subjectId, where: { subjectTable: { eq: 'projects' } } }) } }",
      { events: [1] },
    ],
    [
      'many, twice on different conditions',
      "{ projects: { events: r.many.events({ from: r.projects.id, to: r.events.subjectId, where: { subjectTable: 'projects' } }), others: r.many.events({ from: r.projects.id, to: r.events.subjectId, where: { subjectTable: 'users' } }) } }",
      { events: [1, 2] },
    ],
    [
      'many through another table',
      '{ projects: { authors: r.many.users({ from: r.projects.id.through(r.notes.projectId), to: r.users.id.through(r.notes.authorId) }) } }',
      { notes: [1, 3], users: [1, 2] },
    ],
  ]
  it.each(cases)('are followed as 1.0 defines them: %s', async (_, text, more) => {
    const edges = { 'notes.author_id': { parent: 'embed' } }
    const graph = text.includes('through') ? { edges } : {}
    expect(await ids({ graph }, ['--relations'], defined(text), '', '1.0')).toEqual({ ...BASE, ...more })
  })

  const many = (where: string) =>
    `projects: { events: r.many.events({ from: r.projects.id, to: r.events.subjectId, where: ${where} }) }`
  const one = 'events: { project: r.one.projects({ from: r.events.subjectId, to: r.projects.id }) }'
  it.each([
    ['a list', `{ ${many("{ subjectTable: { in: ['projects'] } }")} }`],
    ['AND', `{ ${many("{ AND: [{ subjectTable: 'projects' }] }")} }`],
    ['SQL', `{ ${many('{ RAW: sql`true` }')} }`],
    ['more than a text', `{ ${many("{ subjectTable: 'projects', id: { gt: 1 } }")} }`],
    ['what one side leaves out', `{ ${one}, ${many("{ subjectTable: 'projects' }")} }`],
    [
      'what the side without columns says',
      `{ ${one}, projects: { events: r.many.events({ where: { subjectTable: 'projects' } }) } }`,
    ],
    [
      'a condition of one',
      "{ projects: { event: r.one.events({ from: r.projects.id, to: r.events.subjectId, where: { subjectTable: 'projects' } }) } }",
    ],
  ])('are refused where they cannot tell which rows point to a table: %s', async (_, text) => {
    const schema = defined(text).replace('{ defineRelations }', '{ defineRelations, sql }')
    const done = await exported({}, ['--relations', '--json'], schema, '', '1.0')
    expect(done.code).toBe(2)
    expect(documentOf<{ error: object }>(done).error).toEqual({
      code: 'relation-unclear',
      message:
        'The relations of the schema do not tell which rows of events point to projects by events.subject_id: a condition cannot be read, or one relation has it and another has not.',
      hint: 'Declare events.subject_id in ops.graph.references, which goes before relations, or leave --relations out.',
    })
    const references = [
      { column: 'events.subject_id', references: 'projects.id', when: { subject_table: 'projects' } },
    ]
    expect(await ids({ graph: { references } }, ['--relations'], schema, '', '1.0')).toEqual({
      ...BASE,
      events: [1],
    })
  })

  it('are asked for in vain where the schema has none', async () => {
    const done = await exported({}, ['--relations', '--json'], SCHEMA)
    expect(done.code).toBe(2)
    expect(documentOf<{ error: object }>(done).error).toEqual({
      code: 'relations-missing',
      message: expect.stringMatching(/^The schema of .*drizzle.config.js declares no relations[.]$/),
      hint: 'Add the file that declares them to schema in the config, or leave --relations out.',
    })
  })
})

it('names the rows of the target by a natural key, leaves them to --owner, or to the target', async () => {
  const edges = (rule: object) => ({ graph: { edges: { 'projects.user_id': rule } } })
  const matched = parsed((await exported(edges({ parent: 'match', by: ['email'] }))).stdout)
  expect(matched.manifest.tables.find(({ table }) => table === 'public.users')).toMatchObject({
    matchedBy: ['email'],
  })
  expect(matched.rows['public.users (matched)']).toEqual([{ id: 1, email: 'ada@example.com' }])
  for (const parent of ['map', 'require'])
    expect(parsed((await exported(edges({ parent }))).stdout).rows).toMatchObject({
      'public.projects': [{ user_id: 1 }],
    })
  for (const parent of ['map', 'require'])
    expect(Object.keys(parsed((await exported(edges({ parent }))).stdout).rows)).toEqual(['public.projects'])
})

it('applies a rule to all references by the same columns', async () => {
  const references = ['users', 'projects'].map(table => ({
    column: 'events.subject_id',
    references: `${table}.id`,
    when: { subject_table: table },
  }))
  expect(await ids({ graph: { references } })).toEqual({ ...BASE, events: [1] })
  const edges = { 'events.subject_id': { own: false } }
  expect(await ids({ graph: { references, edges } })).toEqual(BASE)
})

it('refuses two rules for one reference', async () => {
  const edges = { 'projects.user_id': { parent: 'map' }, projects_user_id_fkey: { parent: 'require' } }
  const done = await exported({ graph: { edges } }, ['--json'])
  expect(done.code).toBe(2)
  expect(documentOf<{ error: object }>(done).error).toEqual({
    code: 'edge-invalid',
    message:
      'The edge projects_user_id_fkey of ops.graph.edges is named twice, by projects.user_id and projects_user_id_fkey.',
    hint: 'Keep one of the two.',
  })
})

it('names the nearest of what the config misspells', async () => {
  const error = async (graph: object) =>
    documentOf<{ error: object }>(await exported({ graph }, ['--json'])).error
  expect(await error({ edges: { 'project.user_id': {} } })).toEqual({
    code: 'edge-unknown',
    message: 'ops.graph.edges names project.user_id, and there is no such reference.',
    hint: 'Did you mean projects.user_id?',
  })
  expect(await error({ edges: { 'projects.user_id': { were: 'true' } } })).toMatchObject({
    code: 'edge-invalid',
  })
  expect(await error({ edges: { 'projects.user_id': { parent: 'null' } } })).toMatchObject({
    code: 'edge-invalid',
  })
  expect(await error({ edges: { 'projects.user_id': { parent: 'match' } } })).toMatchObject({
    code: 'edge-invalid',
  })
  expect(await error({ references: [{ column: 'notes.project', references: 'projects.id' }] })).toEqual({
    code: 'column-unknown',
    message: 'ops.graph.references names notes.project, and there is no such column.',
    hint: 'Did you mean project_id?',
  })
})
