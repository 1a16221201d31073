import { describe, expect, it } from 'vitest'
import type { Roots } from '../../src/graph/roots.ts'
import { freshDatabase } from '../support/databases.ts'
import { majors } from '../support/shared-servers.ts'
import { closureOf } from './collecting.ts'

/** Two projects; replies, forks and labels lead from one to the other. */
const TENANTS = `
  CREATE TABLE users (id int PRIMARY KEY);
  CREATE TABLE projects (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, forked_from int REFERENCES projects);
  CREATE TABLE messages (id int PRIMARY KEY, project_id int NOT NULL REFERENCES projects, parent_id int REFERENCES messages);
  CREATE TABLE attachments (id int PRIMARY KEY, message_id int NOT NULL REFERENCES messages);
  CREATE TABLE labels (id int PRIMARY KEY, project_id int REFERENCES projects);
  CREATE TABLE labelled (id int PRIMARY KEY, message_id int NOT NULL REFERENCES messages, label_id int NOT NULL REFERENCES labels);
  CREATE TABLE notes (id int PRIMARY KEY, project_id int REFERENCES projects, message_id int REFERENCES messages);
  INSERT INTO users VALUES (1), (2);
  INSERT INTO projects VALUES (10, 1, NULL), (20, 2, NULL);
  INSERT INTO messages VALUES (100, 10, NULL), (101, 10, 100), (200, 20, NULL);
  INSERT INTO attachments VALUES (1000, 101), (2000, 200);
  INSERT INTO labels VALUES (1, 10), (2, 20), (3, NULL);
  INSERT INTO labelled VALUES (1, 100, 1), (2, 100, 3), (3, 200, 2);
  INSERT INTO notes VALUES (1, 10, 100), (2, NULL, 101), (3, 20, NULL);`

const OWNED = {
  projects: ['10'],
  messages: ['100', '101'],
  attachments: ['1000'],
  labels: ['1'],
  labelled: ['1', '2'],
  notes: ['1', '2'],
}
const REQUIRED = { users: ['1'], labels: ['3'] }

describe.each(majors())('the fence between roots, PostgreSQL %i', major => {
  describe.each([false, true])('placeless: %s', placeless => {
    const tenants = async (more = '', roots: Roots = { keys: ['10'] }) => {
      const database = await freshDatabase(major)
      await database.sql.unsafe(TENANTS + more)
      return (options: Parameters<typeof closureOf>[3] = {}) =>
        closureOf(database, 'projects', roots, { placeless, ...options })
    }

    it('takes what belongs to nobody along where it is needed', async () => {
      const closure = await tenants()
      expect(await closure()).toMatchObject({ owned: OWNED, required: REQUIRED })
    })

    it('refuses a reply from another project, or leaves it out, or takes it with what it needs', async () => {
      const closure = await tenants('INSERT INTO messages VALUES (201, 20, 101), (202, 20, 201)')
      await expect(closure()).rejects.toMatchObject({
        code: 'crosses-roots',
        message:
          'Through messages.parent_id, the row 201 of messages would come along, which belongs to another root.',
        hint: 'Leave it out with --cross skip, take it and what it needs along with --cross embed.',
        known: { crossing: { table: 'public.messages', reference: 'messages.parent_id', keys: ['201'] } },
      })
      expect(await closure({ cross: 'skip' })).toMatchObject({ owned: OWNED, required: REQUIRED })
      expect(await closure({ cross: 'null' })).toMatchObject({ owned: OWNED, required: REQUIRED })
      expect(await closure({ cross: 'embed' })).toMatchObject({
        owned: OWNED,
        required: { users: ['1', '2'], projects: ['20'], messages: ['201'], labels: ['3'] },
      })
    })

    it('knows another project also where the condition is NULL for it', async () => {
      const regions = `
        ALTER TABLE projects ADD region text;
        UPDATE projects SET region = 'eu' WHERE id = 10;
        INSERT INTO notes VALUES (4, 20, 100)`
      const closure = await tenants(regions, { where: "region = 'eu'" })
      await expect(closure()).rejects.toMatchObject({
        code: 'crosses-roots',
        known: { crossing: { table: 'public.notes', reference: 'notes.message_id', keys: ['4'] } },
      })
      expect(await closure({ cross: 'skip' })).toMatchObject({ owned: OWNED, required: REQUIRED })
    })

    it('refuses a fork, which is a root of its own', async () => {
      const closure = await tenants('INSERT INTO projects VALUES (30, 2, 10)')
      await expect(closure()).rejects.toMatchObject({ code: 'crosses-roots' })
      expect(await closure({ cross: 'skip' })).toMatchObject({ owned: OWNED })
      expect(await closure({ edges: { 'projects.forked_from': { own: true } } })).toMatchObject({
        owned: { ...OWNED, projects: ['10', '30'] },
        required: { users: ['1', '2'], labels: ['3'] },
      })
    })

    it('refuses a row that must belong to two projects', async () => {
      const closure = await tenants('INSERT INTO labelled VALUES (4, 100, 2)')
      await expect(closure()).rejects.toMatchObject({ code: 'crosses-roots' })
      await expect(closure({ cross: 'null' })).rejects.toMatchObject({ code: 'crosses-roots' })
      expect(await closure({ cross: 'skip' })).toMatchObject({ owned: OWNED, required: REQUIRED })
    })

    it('tells whose a row of a tree is where each must have a parent, be it itself', async () => {
      const folders = `
        CREATE TABLE folders (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES folders, project_id int REFERENCES projects);
        INSERT INTO folders VALUES (1, 1, 10), (2, 1, NULL), (3, 2, 10), (4, 4, 20), (5, 4, NULL), (6, 6, NULL);`
      const own = { ...OWNED, folders: ['1', '2', '3'] }
      expect(await (await tenants(folders))()).toMatchObject({ owned: own, required: REQUIRED })
      const crossing = await tenants(`${folders} INSERT INTO folders VALUES (7, 3, 20), (8, 5, 10)`)
      await expect(crossing()).rejects.toMatchObject({ code: 'crosses-roots' })
      expect(await crossing({ cross: 'skip' })).toMatchObject({ owned: own, required: REQUIRED })
    })

    it('takes what a root would be deleted with, by way of rows of its own', async () => {
      const closure = await tenants(`
        CREATE TABLE areas (id int PRIMARY KEY, project_id int REFERENCES projects ON DELETE CASCADE);
        ALTER TABLE projects ADD area_id int REFERENCES areas ON DELETE CASCADE;
        INSERT INTO areas VALUES (1, 10), (2, 20), (3, NULL);
        INSERT INTO projects VALUES (30, 1, NULL, 1), (40, 1, NULL, 3);
        UPDATE projects SET area_id = 3 WHERE id = 10`)
      expect(await closure()).toMatchObject({
        owned: { ...OWNED, projects: ['10', '30'], areas: ['1'] },
        required: REQUIRED,
      })
    })

    it('refuses a row of which one value belongs to another project', async () => {
      const closure = await tenants(`
        CREATE TABLE boards (id int PRIMARY KEY, projects jsonb);
        INSERT INTO boards VALUES (1, '[10]'), (2, '[10, 20]'), (3, '[20]')`)
      const references = [{ column: 'boards.projects', references: 'projects.id', path: '$[*]' }]
      await expect(closure({ references })).rejects.toMatchObject({ code: 'crosses-roots' })
      // no value inside of JSON is made NULL
      await expect(closure({ references, cross: 'null' })).rejects.toMatchObject({ code: 'crosses-roots' })
      expect(await closure({ references, cross: 'skip' })).toMatchObject({
        owned: { ...OWNED, boards: ['1'] },
      })
    })

    it('takes a row that may belong to another project only with --cross null', async () => {
      const closure = await tenants('INSERT INTO notes VALUES (4, 20, 100), (5, 20, 101)')
      await expect(closure()).rejects.toMatchObject({
        message:
          'Through notes.message_id, the rows 4, 5 of notes would come along, which belong to another root.',
        hint: 'Leave them out with --cross skip, take them and what they need along with --cross embed, or take them with NULL for what is not exported with --cross null.',
      })
      expect(await closure({ cross: 'null' })).toMatchObject({
        owned: { ...OWNED, notes: ['1', '2', '4', '5'] },
      })
      expect(await closure({ cross: 'skip' })).toMatchObject({ owned: OWNED })
    })

    it('does not take a row with --cross null whose reference to another project cannot be NULL', async () => {
      const events = `
        CREATE TABLE events (id int PRIMARY KEY, subject_table text NOT NULL, subject_id int NOT NULL, message_id int REFERENCES messages);
        INSERT INTO events VALUES (1, 'projects', 10, NULL), (2, 'projects', 20, 100), (3, 'users', 20, 100);`
      const references = [
        { column: 'events.subject_id', references: 'projects.id', when: { subject_table: 'projects' } },
      ]
      const some = await tenants(events)
      await expect(some({ references })).rejects.toMatchObject({
        hint: 'Leave it out with --cross skip, take it and what it needs along with --cross embed.',
      })
      expect(await some({ references, cross: 'null' })).toMatchObject({
        owned: { ...OWNED, events: ['1', '3'] },
        required: REQUIRED,
      })
      const more = await tenants(`${events} INSERT INTO events VALUES (4, 'projects', 10, 200)`)
      await expect(more({ references, cross: 'null' })).rejects.toMatchObject({
        code: 'crosses-roots',
        hint: 'events.subject_id cannot be NULL: leave it out with --cross skip, or take it along with --cross embed.',
      })
      const parts = await tenants(`
        CREATE TABLE parts (id int PRIMARY KEY, project_id int NOT NULL, message_id int REFERENCES messages) PARTITION BY RANGE (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
        ALTER TABLE parts_1 ADD FOREIGN KEY (project_id) REFERENCES projects;
        INSERT INTO parts VALUES (1, 10, NULL), (2, 20, 100), (12, 20, 100)`)
      expect(await parts({ cross: 'null' })).toMatchObject({
        owned: { ...OWNED, parts: ['1', '12'] },
        required: REQUIRED,
      })
    })

    it('takes along each of the rows that values in JSON point to, not only those that belong to the root', async () => {
      const closure = await tenants(`
        CREATE TABLE boards (id int PRIMARY KEY, labels jsonb);
        INSERT INTO labels VALUES (4, NULL);
        INSERT INTO boards VALUES (1, '[1, 4]')`)
      const references = [{ column: 'boards.labels', references: 'labels.id', path: '$[*]' }]
      const edges = { 'boards.labels': { parent: 'embed' } } as const
      expect(await closure({ references, edges })).toMatchObject({
        owned: { ...OWNED, boards: ['1'] },
        required: { users: ['1'], labels: ['3', '4'] },
      })
    })

    it('takes rows of another project along so far as --depth says', async () => {
      const closure = await tenants(`
        CREATE TABLE nodes (id int PRIMARY KEY, parent_id int REFERENCES nodes, project_id int REFERENCES projects);
        INSERT INTO nodes VALUES (1, NULL, 10), (2, 1, NULL), (3, 1, 20), (4, 2, 20)`)
      expect(await closure({ depth: 2, cross: 'embed', include: ['nodes'] })).toMatchObject({
        owned: { projects: ['10'], nodes: ['1', '2'] },
        required: { users: ['1'], nodes: ['3'] },
      })
    })

    it('follows so far as --depth says', async () => {
      const closure = await tenants()
      expect(await closure({ depth: 1 })).toMatchObject({
        owned: { projects: ['10'], messages: ['100', '101'], labels: ['1'], notes: ['1'] },
        required: { users: ['1'] },
      })
      expect(await closure({ depth: 0 })).toMatchObject({ owned: { projects: ['10'] } })
    })

    it('leaves tables out, and what hangs from them', async () => {
      const closure = await tenants()
      expect((await closure({ exclude: ['messages', 'labels', 'users'] })).owned).toEqual({
        projects: ['10'],
        notes: ['1'],
      })
      expect((await closure({ exclude: ['messages', 'labels', 'users'] })).required).toEqual({})
      expect((await closure({ include: ['messages'] })).owned).toEqual({
        projects: ['10'],
        messages: ['100', '101'],
      })
    })

    it('takes of a reference what its condition and its limit say', async () => {
      const closure = await tenants()
      expect(
        await closure({ edges: { 'messages.project_id': { where: 'parent_id IS NULL' } }, cross: 'skip' }),
      ).toMatchObject({ owned: { messages: ['100', '101'] } })
      expect(
        (
          await closure({
            edges: { 'messages.project_id': { limit: 1 }, 'messages.parent_id': { own: false } },
          })
        ).owned,
      ).toMatchObject({ messages: ['100'] })
    })
  })
})
