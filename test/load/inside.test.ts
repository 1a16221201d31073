import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { majors } from '../support/shared-servers.ts'
import { exported, imported, importing, refusal } from './moving.ts'

/** A folder with this config, and this schema if there is one. */
function configured(ops: string, schema = '') {
  const cwd = emptyFolder()
  write(join(cwd, 'package.json'), '{"type":"module"}')
  write(join(cwd, 'schema.mjs'), schema)
  write(
    join(cwd, 'drizzle.config.mjs'),
    `export default { dialect: 'postgresql', schema: './schema.mjs', out: './drizzle' }\nexport const ops = ${ops}`,
  )
  return { cwd }
}

describe.each(majors())('ids inside JSON, PostgreSQL %i', major => {
  it('follow the rows that they lead to, by any path, and nothing else does', async () => {
    const { sql, url } = await freshDatabase(major)
    await sql.unsafe(`
      CREATE TABLE projects (id int PRIMARY KEY, layout jsonb);
      CREATE TABLE users (id uuid PRIMARY KEY, project int NOT NULL REFERENCES projects);
      CREATE TABLE events (id int PRIMARY KEY, project int NOT NULL REFERENCES projects, body jsonb, log json);
      INSERT INTO projects VALUES (1, '{"home": 1, "other": 1}');
      INSERT INTO users VALUES ('00000000-0000-4000-8000-00000000000a', 1), ('00000000-0000-4000-8000-00000000000b', 1);
      INSERT INTO events VALUES
        (1, 1, '{"actors": [{"id": "00000000-0000-4000-8000-00000000000a", "kind": "user"}, {"id": "00000000-0000-4000-8000-00000000000b", "kind": "bot"}], "before": 2, "n": 1.50}',
         '{"who" :  "00000000-0000-4000-8000-00000000000b"}'),
        (2, 1, '{"actors": [], "before": "2"}', '{"kept" :  "as it is"}'),
        (3, 1, NULL, NULL)`)
    const here = configured(`{ graph: { references: [
      { column: 'projects.layout', path: '$.home', references: 'projects.id' },
      { column: 'events.body', path: '$.actors[*] ? (@.kind == "user").id', references: 'users.id' },
      { column: 'events.body', path: '$.before', references: 'events.id' },
      { column: 'events.log', path: '$.**.who', references: 'users.id' },
    ] } }`)
    const file = await exported(['projects', '1'], url, here)
    const { ids = [] } = await imported(file, url, ['--new-ids', 'red', '--ids'], here)
    const fresh = (table: string, old: string) =>
      ids.find(each => each.table === `public.${table}` && each.old === old)?.new
    const [a, b] = ['a', 'b'].map(digit => fresh('users', `00000000-0000-4000-8000-00000000000${digit}`))
    expect(await sql`SELECT layout FROM projects WHERE id = 2`).toEqual([{ layout: { home: 2, other: 1 } }])
    const rows = await sql<{ body: string | null; log: string | null }[]>`
      SELECT body::text AS body, log::text AS log FROM events WHERE project = 2 ORDER BY id`
    const second = Number(fresh('events', '2'))
    expect(a).toMatch(/^[0-9a-f-]{36}$/)
    expect(rows).toEqual([
      {
        body: `{"n": 1.50, "actors": [{"id": "${a}", "kind": "user"}, {"id": "00000000-0000-4000-8000-00000000000b", "kind": "bot"}], "before": ${second}}`,
        log: `{"who": "${b}"}`,
      },
      { body: `{"actors": [], "before": "${second}"}`, log: '{"kept" :  "as it is"}' },
      { body: null, log: null },
    ])
  })

  it('follow references of a single partition, where they are', async () => {
    const { sql, url } = await freshDatabase(major)
    await sql.unsafe(`
      CREATE TABLE projects (id int PRIMARY KEY);
      CREATE TABLE users (id int PRIMARY KEY, project int NOT NULL REFERENCES projects);
      CREATE TABLE events (project int NOT NULL REFERENCES projects, at int, who int, PRIMARY KEY (project, at)) PARTITION BY RANGE (at);
      CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (0) TO (10);
      CREATE TABLE events_new PARTITION OF events FOR VALUES FROM (10) TO (20);
      CREATE TABLE events_next PARTITION OF events FOR VALUES FROM (20) TO (30) PARTITION BY LIST (project);
      CREATE TABLE events_next_1 PARTITION OF events_next FOR VALUES IN (1);
      CREATE TABLE events_next_others PARTITION OF events_next DEFAULT;
      ALTER TABLE events_new ADD FOREIGN KEY (who) REFERENCES users;
      ALTER TABLE events_next ADD FOREIGN KEY (who) REFERENCES users;
      INSERT INTO projects VALUES (1); INSERT INTO users VALUES (5, 1);
      INSERT INTO events VALUES (1, 1, 5), (1, 11, 5), (1, 12, NULL), (1, 21, 5)`)
    const file = await exported(['projects', '1'], url)
    await imported(file, url, ['--new-ids', 'red'])
    expect(await sql`SELECT at, who FROM events WHERE project = 2 ORDER BY at`).toEqual([
      { at: 1, who: 5 },
      { at: 11, who: 6 },
      { at: 12, who: null },
      { at: 21, who: 6 },
    ])
  })
})

it('imports what hangs by relations of the schema alone, when asked', async () => {
  const { sql, url } = await freshDatabase()
  await sql.unsafe(`
    CREATE TABLE projects (id int PRIMARY KEY); CREATE TABLE notes (id int PRIMARY KEY, project_id int);
    INSERT INTO projects VALUES (1); INSERT INTO notes VALUES (7, 1)`)
  const schema = `import { relations } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
export const projects = pgTable('projects', { id: integer('id').primaryKey() })
export const notes = pgTable('notes', { id: integer('id').primaryKey(), projectId: integer('project_id') })
export const notesRelations = relations(notes, ({ one }) => ({ project: one(projects, { fields: [notes.projectId], references: [projects.id] }) }))`
  const here = configured('{}', schema)
  const file = await exported(['projects', '1', '--relations'], url, here)
  expect(await refusal(file, url, ['--new-ids', 'red'], here)).toEqual({
    exit: 1,
    code: 'archive-foreign',
    message: `${file} holds rows of public.notes, which nothing here connects with public.projects.`,
    hint: "Follow the schema's relations with --relations, or declare how they are connected under ops.graph.references, if the archive can be trusted.",
  })
  await imported(file, url, ['--new-ids', 'red', '--relations'], here)
  expect(await sql`SELECT id, project_id AS project FROM notes ORDER BY id`).toEqual([
    { id: 7, project: 1 },
    { id: 8, project: 2 },
  ])
})

it('notes that the last migrations differ', async () => {
  const { sql, url } = await freshDatabase()
  await sql.unsafe(`
    CREATE TABLE projects (id int PRIMARY KEY); INSERT INTO projects VALUES (1);
    CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
    INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('aaaaaaaaaaaaaaaa', 1)`)
  const here = configured('{}')
  const file = await exported(['projects'], url, here)
  const again = () => importing(file, url, ['--on-conflict', 'skip'], here)
  expect((await again()).stderr).toBe('')
  await sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('bbbbbbbbbbbbbbbb', 2)`
  expect((await again()).stderr).toContain(
    "The last migration of the archive's database (aaaaaaaaaaaa…) is not the last one here (bbbbbbbbbbbb…): drizzle-ops status tells where this one stands.",
  )
})
