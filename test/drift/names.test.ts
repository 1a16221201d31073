import { describe, expect, it } from 'vitest'
import { clone, template } from '../support/databases.ts'
import { catalogOn, driftOf, inWords } from '../support/drifting.ts'
import { migrated } from '../support/migrate.ts'
import { journalProject } from '../support/project.ts'
import type { PostgresMajor } from '../support/runtimes.ts'
import { majors } from '../support/shared-servers.ts'

const projectOn = (major: PostgresMajor) => journalProject([{ name: '0000_all', sql: catalogOn(major) }])
const made = template('names', async database => {
  await migrated(projectOn(database.major), database)
})

const renames: [sql: string, ...differences: string[]][] = [
  ['ALTER SCHEMA app RENAME TO application', 'schema app name'],
  ['ALTER TABLE users RENAME TO people', 'table public.users name'],
  ['ALTER TABLE users RENAME age TO years', 'column public.users.age name'],
  [
    'ALTER TABLE app."Odd names" RENAME "user\'s ""thing""" TO "an ""other"""',
    `column app."Odd names"."user's ""thing""" name`,
  ],
  [
    'ALTER TABLE users RENAME CONSTRAINT users_email_unique TO users_email_key',
    'constraint public.users.users_email_unique name',
  ],
  ['ALTER INDEX users_name_idx RENAME TO other', 'index public.users_name_idx name'],
  ['ALTER SEQUENCE ticket RENAME TO other', 'sequence public.ticket name'],
  ['ALTER SEQUENCE posts_id_seq RENAME TO other', 'sequence public.posts_id_seq name'],
  ['ALTER TYPE mood RENAME TO feeling', 'enum public.mood name'],
  ['ALTER DOMAIN positive RENAME TO natural_number', 'domain public.positive name'],
  ['ALTER TYPE app.address RENAME TO place', 'type app.address name'],
  ['ALTER VIEW active RENAME TO living', 'view public.active name'],
  ['ALTER MATERIALIZED VIEW totals RENAME TO sums', 'materialized view public.totals name'],
  ['ALTER FUNCTION app.touch RENAME TO tap', 'function app.touch() name'],
  ['ALTER TRIGGER posts_touch ON posts RENAME TO tapping', 'trigger public.posts.posts_touch name'],
  ['ALTER RULE keep ON notes RENAME TO retain', 'rule public.notes.keep name'],
  ['ALTER POLICY own_posts ON posts RENAME TO ours', 'policy public.posts.own_posts name'],
  ['ALTER STATISTICS notes_statistics RENAME TO other', 'statistics public.notes_statistics name'],
  [
    'ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME age TO years; ALTER TABLE people ADD extra text; DROP INDEX users_name_idx',
    'column public.people.extra',
    'index public.users_name_idx',
    'column public.people.age name',
    'table public.users name',
  ],
  // two candidates: nobody can tell which
  [
    'ALTER TABLE posts DROP body; ALTER TABLE posts ADD one text, ADD two text; DROP TRIGGER IF EXISTS posts_touch ON posts',
    'column public.posts.one',
    'column public.posts.two',
    'column public.posts.body',
  ].map(each => each.replace('DROP body;', 'DROP body CASCADE;')) as [string, ...string[]],
]

describe.each(majors())('on PostgreSQL %i', major => {
  it.each(renames)('%s', async (sql, ...differences) => {
    const database = await clone(made, major)
    await database.sql.unsafe(`INSERT INTO users (email, name, age) VALUES ('a', 'b', 3)`)
    await database.sql.unsafe(sql)
    const here = { cwd: projectOn(major).root, env: { DATABASE_URL: database.url } }
    const { document } = await driftOf(here, '--only', 'database')
    expect(document.differences.map(inWords)).toEqual(differences)
    for (const each of document.differences) await database.sql.unsafe(each.sql ?? '')
    expect((await driftOf(here, '--only', 'database')).document.differences).toEqual([])
    const [user] = await database.sql`SELECT email, name, age FROM users`
    expect(user).toEqual({ email: 'a', name: 'b', age: 3 })
  })
})
