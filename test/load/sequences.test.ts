import { expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { exported, imported, refusal } from './moving.ts'

it('stay where they are if an import is refused: no rollback would bring them back', async () => {
  const { sql, url } = await freshDatabase()
  await sql`CREATE TABLE things (id serial PRIMARY KEY, size int)`
  await sql`INSERT INTO things (size) VALUES (1)`
  const file = await exported(['things'], url)
  await sql`ALTER TABLE things ADD CHECK (size > 1) NOT VALID`
  const refused = await refusal(file, url, ['--new-ids', 'red', '--allow', 'schema-drift'])
  expect(refused.message).toContain('violates check constraint')
  expect(await sql`SELECT last_value::int AS last FROM things_id_seq`).toEqual([{ last: 1 }])
  await sql`ALTER TABLE things DROP CONSTRAINT things_size_check`
  expect(await imported(file, url, ['--new-ids', 'red'])).toMatchObject({
    sequences: [{ sequence: 'public.things_id_seq', last: '2' }],
  })
})

it.each([
  ['behind', 3, 7],
  ['further', 90, 90],
])('that stand %s go on at greatest(max, current) even if an import fails', async (_, current, last) => {
  const source = await freshDatabase()
  const target = await freshDatabase()
  for (const { sql } of [source, target]) {
    await sql`CREATE TABLE things (id serial PRIMARY KEY, size int)`
    await sql`CREATE TABLE drawn (id serial PRIMARY KEY, thing int REFERENCES things)`
  }
  await source.sql`INSERT INTO things VALUES (5, 1), (7, 2)`
  await source.sql`INSERT INTO drawn VALUES (1, 5)`
  const file = await exported(['things'], source.url)
  const { sql, url } = target
  // it draws a number for the other table before that one's own rows are there
  await sql.unsafe(`
    CREATE FUNCTION draw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.size = current_setting('test.unwanted')::int THEN RAISE EXCEPTION 'unwanted'; END IF;
      INSERT INTO drawn (thing) VALUES (NEW.id);
      RETURN NULL;
    END $$;
    CREATE TRIGGER draw AFTER INSERT ON things FOR EACH ROW EXECUTE FUNCTION draw();
    ALTER DATABASE ${target.name} SET test.unwanted = 2;
    SELECT setval('things_id_seq', ${current})`)
  expect((await refusal(file, url)).message).toContain('unwanted')
  const position = async () => (await sql`SELECT last_value::int AS last FROM things_id_seq`)[0]?.last
  expect([await position(), await sql`SELECT FROM things`]).toEqual([last, []])
  await sql.unsafe(`ALTER DATABASE ${target.name} SET test.unwanted = 0`)
  expect(await imported(file, url)).toMatchObject({ triggers: [{ trigger: 'draw' }] })
  expect(await position()).toBe(last)
  // the failed import drew 2
  expect(await sql`SELECT id, thing FROM drawn ORDER BY id`).toEqual([
    { id: 1, thing: 5 },
    { id: 3, thing: 5 },
    { id: 4, thing: 7 },
  ])
})
