import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { documentOf, ops } from '../support/program.ts'

const SCHEMA = `
  CREATE TABLE users (id int PRIMARY KEY, email varchar(99) UNIQUE NOT NULL);
  CREATE SCHEMA "my app";
  CREATE TABLE "my app".profiles (user_id int PRIMARY KEY REFERENCES users, "full ""name""" text);
  CREATE TABLE posts (id int PRIMARY KEY, author int NOT NULL REFERENCES users, editor int REFERENCES users)`

it('draws tables and foreign keys for mermaid', async () => {
  const { url, sql } = await freshDatabase()
  await sql.unsafe(SCHEMA).simple()
  const { code, stdout } = await ops(['stats', 'erd', '--format', 'mermaid', '--url', url])
  expect(code).toBe(0)
  expect(stdout).toBe(`erDiagram
  my_app_profiles["my app.profiles"] {
    integer user_id PK, FK
    text full__name_
  }
  posts {
    integer id PK
    integer author FK
    integer editor FK
  }
  users {
    integer id PK
    character_varying_99_ email UK
  }
  users ||--o| my_app_profiles : "user_id"
  users ||--o{ posts : "author"
  users |o--o{ posts : "editor"
`)
})

it('draws them for graphviz', async () => {
  const { url, sql } = await freshDatabase()
  await sql.unsafe(SCHEMA).simple()
  const { stdout } = await ops(['stats', 'erd', '--format', 'dot', '--schema', 'my*', '--url', url])
  expect(stdout).toBe(`digraph schema {
  rankdir=LR;
  node [shape=plain];
  "my app.profiles" [label=<<table border="0" cellborder="1" cellspacing="0"><tr><td colspan="2"><b>my app.profiles</b></td></tr><tr><td align="left" port="user_id"><u>user_id</u></td><td align="left">integer</td></tr><tr><td align="left" port="full &quot;name&quot;">full &quot;name&quot;</td><td align="left">text?</td></tr></table>>];
}
`)
})

it('is a document and a table like every other', async () => {
  const { url, sql } = await freshDatabase()
  await sql.unsafe(SCHEMA).simple()
  const { tables, references } = documentOf<{ tables: { columns: object[] }[]; references: object[] }>(
    await ops(['stats', 'erd', '--json', '--table', 'posts,users', '--url', url]),
  )
  expect(tables.map(({ columns }) => columns.length)).toEqual([3, 2])
  expect(references).toHaveLength(2)
  const { stdout } = await ops(['stats', 'erd', '--url', url])
  expect(stdout).toBe(
    'table            columns  references\nmy app.profiles  2        users\nposts            3        users, users\nusers            2\n--format mermaid or dot draws it.\n',
  )
})
