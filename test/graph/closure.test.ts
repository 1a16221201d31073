import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/databases.ts'
import { majors } from '../support/shared-servers.ts'
import { closureOf } from './collecting.ts'

const PROJECTS = `
  CREATE TABLE users (id int PRIMARY KEY, name text);
  CREATE TABLE projects (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users ON DELETE CASCADE);
  CREATE TABLE conversations (id int PRIMARY KEY, project_id int NOT NULL REFERENCES projects ON DELETE CASCADE, last_message_id int);
  CREATE TABLE messages (id int PRIMARY KEY, conversation_id int NOT NULL REFERENCES conversations, parent_id int REFERENCES messages);
  ALTER TABLE conversations ADD FOREIGN KEY (last_message_id) REFERENCES messages;
  CREATE TABLE audit_logs (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE SET NULL, project_id int REFERENCES projects ON DELETE SET NULL);
  INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cyd');
  INSERT INTO projects VALUES (10, 1), (11, 1), (20, 2);
  INSERT INTO conversations (id, project_id) VALUES (100, 10), (110, 11), (200, 20);
  INSERT INTO messages VALUES (1000, 100, NULL), (1001, 100, 1000), (1002, 100, 1001), (1100, 110, NULL), (2000, 200, NULL);
  UPDATE conversations SET last_message_id = 1002 WHERE id = 100;
  INSERT INTO audit_logs VALUES (1, 1, 10), (2, 3, 10), (3, 1, 11), (4, 2, NULL);`

describe.each(majors())('what an export collects, PostgreSQL %i', major => {
  describe.each([false, true])('placeless: %s', placeless => {
    it('takes what hangs from a project and its owner, not the other projects of the owner', async () => {
      const database = await freshDatabase(major)
      await database.sql.unsafe(PROJECTS)
      expect(await closureOf(database, 'projects', { keys: ['10'] }, { placeless })).toEqual({
        owned: {
          projects: ['10'],
          conversations: ['100'],
          messages: ['1000', '1001', '1002'],
          audit_logs: ['1', '2'],
        },
        required: { users: ['1'] },
        kinds: {
          'projects owned': 'root',
          'conversations owned': 'bound',
          'messages owned': 'bound',
          'audit_logs owned': 'single',
          'users required': 'single',
        },
      })
    })

    it('follows references of single partitions, also of those that have parts', async () => {
      const database = await freshDatabase(major)
      await database.sql.unsafe(`
        CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1), (2);
        CREATE TABLE events (id int, at int, who int NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20);
        CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM (20) TO (30) PARTITION BY RANGE (at);
        CREATE TABLE events_3a PARTITION OF events_3 FOR VALUES FROM (20) TO (25);
        CREATE TABLE events_3b PARTITION OF events_3 DEFAULT;
        ALTER TABLE events_2 ADD FOREIGN KEY (who) REFERENCES users;
        ALTER TABLE events_3 ADD FOREIGN KEY (who) REFERENCES users;
        INSERT INTO events SELECT n, n, 1 + n % 2 FROM generate_series(8, 27) AS n`)
      expect((await closureOf(database, 'users', { keys: ['1'] }, { placeless })).owned).toEqual({
        users: ['1'],
        events: ['10', '12', '14', '16', '18', '20', '22', '24', '26'],
      })
      // what the other partitions hold of the same values needs nobody
      const some = { where: 'at < 12' }
      expect(await closureOf(database, 'events', some, { placeless })).toMatchObject({
        owned: { events: ['8', '9', '10', '11'] },
        required: { users: ['1', '2'] },
      })
      const none = { where: 'at < 10' }
      expect((await closureOf(database, 'events', none, { placeless })).required).toEqual({})
    })

    it('takes a user with all that is theirs', async () => {
      const database = await freshDatabase(major)
      await database.sql.unsafe(PROJECTS)
      await database.sql`DELETE FROM audit_logs WHERE id = 2`
      const { owned, required } = await closureOf(database, 'users', { keys: ['1'] }, { placeless })
      expect(owned).toEqual({
        users: ['1'],
        projects: ['10', '11'],
        conversations: ['100', '110'],
        messages: ['1000', '1001', '1002', '1100'],
        audit_logs: ['1', '3'],
      })
      expect(required).toEqual({})
    })
  })
})
