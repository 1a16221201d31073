import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connect } from '../support/client.ts'
import { clone, type TestDatabase, template } from '../support/databases.ts'
import { majors, newestMajor } from '../support/shared-servers.ts'
import { contentsOf } from './contents.ts'
import { exported, imported, importing, refusal } from './moving.ts'

/** Unique by a key, by an expression where it counts, by several columns of which one refers, and with NULLs that are the same. */
const schema = template('conflicts', async ({ sql, major }) => {
  await sql.unsafe(`
    CREATE TABLE teams (id int PRIMARY KEY, name text NOT NULL, gone boolean NOT NULL DEFAULT false);
    CREATE UNIQUE INDEX teams_name ON teams (lower(name)) WHERE NOT gone;
    CREATE TABLE members (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, team int NOT NULL REFERENCES teams, boss int REFERENCES members, mail text NOT NULL, note text, UNIQUE (team, mail));
    CREATE TABLE tags (team int REFERENCES teams, word text, UNIQUE ${major >= 15 ? 'NULLS NOT DISTINCT ' : ''}(team, word));`)
})
const rows = `
  INSERT INTO teams VALUES (1, 'Red'), (2, 'Blue');
  INSERT INTO members (team, mail, note) VALUES (1, 'a', 'x'), (1, 'b', 'y'), (2, 'a', 'z');
  UPDATE members SET boss = 1;
  INSERT INTO tags VALUES (1, NULL), (1, 'w');`

async function databases(major: Parameters<typeof clone>[1]): Promise<[TestDatabase, TestDatabase]> {
  const [source, target] = [await clone(schema, major), await clone(schema, major)]
  await source.sql.unsafe(rows)
  return [source, target]
}

describe.each(majors())('rows that are there already, PostgreSQL %i', major => {
  it('are listed by key, and nothing is imported', async () => {
    const [source, target] = await databases(major)
    await target.sql.unsafe(
      `INSERT INTO teams VALUES (7, 'RED', false), (8, 'blue', true), (2, 'Other', false)`,
    )
    const before = await contentsOf(target.sql)
    const { exit, code, message, hint } = await refusal(await exported(['teams'], source.url), target.url)
    expect({ exit, code, message, hint }).toEqual({
      exit: 1,
      code: 'conflict',
      message:
        '2 rows are in this database already:\npublic.teams id=1 (teams_name, line 3)\npublic.teams id=2 (teams_pkey, line 4)',
      hint: "Keep what is here with --on-conflict skip, take the archive's with --on-conflict update, or import a copy with --new-ids.",
    })
    expect(await contentsOf(target.sql)).toEqual(before)
  })

  it('are kept with skip, and references lead to them', async () => {
    const [source, target] = await databases(major)
    const { sql } = target
    await sql.unsafe(
      `INSERT INTO teams VALUES (7, 'RED'); INSERT INTO members (id, team, mail, note) OVERRIDING SYSTEM VALUE VALUES (51, 7, 'a', 'kept')`,
    )
    await sql.unsafe(`INSERT INTO tags VALUES (7, NULL)`)
    const { tables } = await imported(await exported(['teams'], source.url), target.url, [
      '--on-conflict',
      'skip',
    ])
    expect(tables).toEqual([
      { table: 'public.teams', read: 2, inserted: 1, updated: 0, skipped: 1 },
      { table: 'public.members', read: 3, inserted: 2, updated: 0, skipped: 1 },
      {
        table: 'public.tags',
        read: 2,
        inserted: major >= 15 ? 1 : 2,
        updated: 0,
        skipped: major >= 15 ? 1 : 0,
      },
    ])
    expect(await sql`SELECT id, team, boss, mail, note FROM members ORDER BY id`).toEqual([
      { id: 2, team: 7, boss: 51, mail: 'b', note: 'y' },
      { id: 3, team: 2, boss: 51, mail: 'a', note: 'z' },
      { id: 51, team: 7, boss: null, mail: 'a', note: 'kept' },
    ])
  })

  it('are told apart where one row is the same as two', async () => {
    const [source, target] = await databases(major)
    await target.sql.unsafe(`INSERT INTO teams VALUES (7, 'RED'), (1, 'Green')`)
    const file = await exported(['teams'], source.url)
    for (const policy of ['skip', 'update']) {
      expect(await refusal(file, target.url, ['--on-conflict', policy])).toEqual({
        exit: 1,
        code: 'conflict-ambiguous',
        message:
          'public.teams id=1 (line 3) is the same as one row of this database by one unique key and as another by another, or shares it with a second row.',
        hint: 'Change one of them by hand, or import a copy with --new-ids --unique suffix.',
      })
    }
  })

  it('are changed with update only where they differ, and never by their key', async () => {
    const [source, target] = await databases(major)
    const { sql } = target
    await sql.unsafe(
      `INSERT INTO teams VALUES (7, 'RED'), (2, 'Blue'); INSERT INTO members (team, mail, note) VALUES (7, 'b', 'old')`,
    )
    await sql.unsafe(`
      CREATE TABLE told (what text);
      CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO told VALUES (TG_OP || ' ' || NEW.id); RETURN NEW; END $$;
      CREATE TRIGGER tell BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION tell();`)
    const file = await exported(['teams', '--exclude', 'members,tags'], source.url)
    const { tables, triggers } = await imported(file, target.url, ['--on-conflict', 'update'])
    expect(tables).toEqual([{ table: 'public.teams', read: 2, inserted: 0, updated: 1, skipped: 1 }])
    expect(triggers).toEqual([{ table: 'public.teams', trigger: 'tell' }])
    expect(await sql`SELECT id, name FROM teams ORDER BY id`).toEqual([
      { id: 2, name: 'Blue' },
      { id: 7, name: 'Red' },
    ])
    expect(await sql`SELECT what FROM told`).toEqual([{ what: 'UPDATE 7' }])
  })

  it('count the same in a dry run, which changes nothing', async () => {
    const [source, target] = await databases(major)
    await target.sql.unsafe(`INSERT INTO teams VALUES (7, 'RED')`)
    const before = await contentsOf(target.sql)
    const file = await exported(['teams'], source.url)
    const dry = await imported(file, target.url, ['--on-conflict', 'skip', '--dry-run'])
    expect(await contentsOf(target.sql)).toEqual(before)
    const real = await imported(file, target.url, ['--on-conflict', 'skip'])
    expect(dry.tables).toEqual(real.tables)
  })
})

it('meets a row that another session inserts in between', async () => {
  const [source, target] = await databases(newestMajor())
  const file = await exported(['teams'], source.url)
  const other = connect(target.url, 1)
  await other`BEGIN`
  await other`INSERT INTO teams VALUES (1, 'x')`
  const waiting = importing(file, target.url)
  for (let seen = 0; seen === 0; await sleep(50)) {
    const rows =
      await target.sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
    seen = rows.length
  }
  await other`COMMIT`
  await other.end()
  const { code, stdout } = await waiting
  expect(code).toBe(1)
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'conflict', sqlstate: '23505' })
  expect(await target.sql`SELECT name FROM teams`).toEqual([{ name: 'x' }])
})
