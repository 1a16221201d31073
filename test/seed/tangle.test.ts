import { expect, it } from 'vitest'
import { documentOf, ops } from '../support/program.ts'
import { seedConfig } from '../support/seed-config.ts'
import { seeding } from '../support/seeding.ts'
import { newestMajor } from '../support/shared-servers.ts'

/** Which team a task can point to follows from its region, and which task a team can point to from its year. */
const TANGLED = `
  CREATE TABLE regions (region int, area int, PRIMARY KEY (region, area));
  CREATE TABLE years (year int, era int, PRIMARY KEY (year, era));
  CREATE TABLE tasks (id int PRIMARY KEY, region int NOT NULL, area int NOT NULL, year int NOT NULL, era int NOT NULL,
    team_id int NOT NULL, UNIQUE (year, id), FOREIGN KEY (region, area) REFERENCES regions, FOREIGN KEY (year, era) REFERENCES years);
  CREATE TABLE teams (id int PRIMARY KEY, region int NOT NULL, area int NOT NULL, year int NOT NULL, era int NOT NULL,
    task_id int NOT NULL, UNIQUE (region, id), FOREIGN KEY (region, area) REFERENCES regions, FOREIGN KEY (year, era) REFERENCES years,
    FOREIGN KEY (year, task_id) REFERENCES tasks (year, id));
  ALTER TABLE tasks ADD FOREIGN KEY (region, team_id) REFERENCES teams (region, id)`

it('says which values two tables wait for each other for, and fills them once they are given', async () => {
  const { database, seed } = await seeding(newestMajor(), TANGLED)
  const { stdout } = await ops(['seed', '--yes', '--json', '--url', database.url])
  expect(documentOf({ stdout })).toMatchObject({
    error: {
      code: 'seed-tangle',
      message:
        'Which rows of public.teams a row of public.tasks can point to by region, team_id depends on itself, over other foreign keys.',
      hint: "Give values in the config: seed: { columns: { 'teams.region': row => … } }, or leave the tables out: --exclude tasks,teams.",
    },
  })
  expect(await database.sql`TABLE regions`).toEqual([])
  await seed('--config', seedConfig(`{ 'teams.region': row => 1 + (row % 20) }`), '--dry-run')
  await seed('--exclude', 'tasks,teams')
})

it('fills a tree in which each row has to have one of the same tenant above it', async () => {
  const { database, seed } = await seeding(
    newestMajor(),
    `CREATE TABLE tenants (id int PRIMARY KEY, zone int NOT NULL, UNIQUE (id, zone));
     CREATE TABLE nodes (id int PRIMARY KEY, tenant_id int NOT NULL, zone int NOT NULL, parent_id int NOT NULL, UNIQUE (tenant_id, id),
       FOREIGN KEY (tenant_id, parent_id) REFERENCES nodes (tenant_id, id), FOREIGN KEY (tenant_id, zone) REFERENCES tenants (id, zone))`,
  )
  await seed('--rows', 'tenants=5', '--rows', 'nodes=200')
  const [found] = await database.sql`
    SELECT count(*)::int AS nodes, count(*) FILTER (WHERE parent_id = id)::int AS roots FROM nodes`
  expect(found).toEqual({ nodes: 200, roots: 5 })
})
