import { expect, it } from 'vitest'
import { grantHint } from '../../src/explain/grant.ts'

it.each([
  ['table notes', 'select id from notes', 'SELECT ON "notes"'],
  ['table notes', 'select id from app.notes order by id', 'SELECT ON "app"."notes"'],
  ['table notes', 'select id from users, notes', 'SELECT ON "notes"'],
  [
    'table notes',
    'select id from "public"."notes" for no key update of notes',
    'SELECT, UPDATE ON "public"."notes"',
  ],
  ['table notes', 'insert into notes values (1)', 'INSERT ON "notes"'],
  ['table notes', 'insert into notes values (1) returning id', 'SELECT, INSERT ON "notes"'],
  [
    'table notes',
    'insert into notes values (1) on conflict (id) do update set a = 1',
    'SELECT, INSERT, UPDATE ON "notes"',
  ],
  ['table notes', 'insert into notes values (1) on conflict (id) do nothing', 'SELECT, INSERT ON "notes"'],
  ['table notes', "update -- the author's\n notes set a = 'b'", 'SELECT, UPDATE ON "notes"'],
  ['table notes', `with a as (select 1 as "it's") delete from notes -- isn't`, 'SELECT, DELETE ON "notes"'],
  ['table notes', "update notes set a = '/*' where b = '*/'", 'SELECT, UPDATE ON "notes"'],
  ['table users', 'insert into notes select id from users', 'SELECT ON "users"'],
  ['table Notes', 'update only "App"."Notes" set a = 1', 'SELECT, UPDATE ON "App"."Notes"'],
  ['table notes', 'DELETE FROM Notes', 'SELECT, DELETE ON "notes"'],
  ['table notes', "select 'delete from notes' -- update notes\nfrom notes", 'SELECT ON "notes"'],
  ['table notes', 'with gone as (delete from notes) select 1', 'SELECT, DELETE ON "notes"'],
  [
    'table notes',
    'merge into notes using users on true when matched then delete',
    'SELECT, INSERT, UPDATE, DELETE ON "notes"',
  ],
  ['table notes', 'TRUNCATE TABLE public.notes', 'TRUNCATE ON "public"."notes"'],
  ['table notes', 'COPY notes (id) FROM STDIN', 'INSERT ON "notes"'],
  ['table notes', 'COPY notes TO STDOUT', 'SELECT ON "notes"'],
  ['table notes', '', 'SELECT ON "notes"'],
  ['view notes', 'select 1 from notes', 'SELECT ON "notes"'],
  ['schema app', 'select id from app.notes', 'USAGE ON SCHEMA "app"'],
  ['schema app', 'CREATE TABLE app.notes ()', 'USAGE, CREATE ON SCHEMA "app"'],
  ['database Shop', 'CREATE SCHEMA app', 'CREATE ON DATABASE "Shop"'],
  ['sequence notes_id_seq', 'insert into notes values (default)', 'USAGE ON SEQUENCE "notes_id_seq"'],
  ['sequence notes_id_seq', "select setval('notes_id_seq', 1)", 'UPDATE ON SEQUENCE "notes_id_seq"'],
  ['sequence notes_id_seq', 'select last_value from notes_id_seq', 'SELECT ON SEQUENCE "notes_id_seq"'],
  ['function f', 'select f()', 'EXECUTE ON FUNCTION "f"'],
])('permission denied for %s: %s', (denied, statement, grant) => {
  expect(grantHint(`permission denied for ${denied}`, 'app', statement)).toBe(
    `As its owner: GRANT ${grant} TO "app".`,
  )
})
