import { expect, it } from 'vitest'
import { subjectOf } from '../../src/metrics/subject.ts'

it.each([
  ['select "id" from "projects" where "id" = $1', 'select', 'projects'],
  [
    'SELECT count(*) FROM generate_series(1, 10) n JOIN "public"."we ird" w ON true',
    'select',
    'public.we ird',
  ],
  ["SELECT extract(year FROM made_at), 'from nowhere' -- from here\nFROM notes", 'select', 'notes'],
  ['insert into "notes" ("id") values ($1) on conflict do update set id = 1', 'insert', 'notes'],
  ['update only notes set a = 1', 'update', 'notes'],
  ['with "gone" as (delete from "sessions" where true) select count(*) from "gone"', 'delete', 'sessions'],
  ['with x as (select 1) select * from notes for update of notes', 'select', 'notes'],
  ['CREATE INDEX "by_name" ON "notes" USING btree ("name")', 'create', 'notes'],
  ['DROP TABLE IF EXISTS "no""tes"', 'drop', 'no"tes'],
  ['COPY (SELECT row_to_json(x) FROM notes x) TO STDOUT', 'copy', 'notes'],
  ['BEGIN', 'begin', ''],
  ['selfish', 'other', ''],
  ['', 'other', ''],
])('%s', (text, operation, table) => {
  expect(subjectOf(text)).toEqual({ operation, table })
})
