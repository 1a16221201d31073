import { createRequire } from 'node:module'
import { join } from 'node:path'

// Fills the platform's users, projects and files with drizzle-seed: <runtime folder> <url> <users> <projects> <files>.
const [folder, url, users, projects, files] = process.argv.slice(2)
const require = createRequire(join(folder, 'package.json'))
const { boolean, integer, jsonb, pgEnum, pgTable, text, timestamp, uuid } = require('drizzle-orm/pg-core')
const { drizzle } = require('drizzle-orm/postgres-js')
const { seed } = require('drizzle-seed')
const postgres = require('postgres')

const times = () => ({
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
})
const status = pgEnum('project_status', ['draft', 'idle', 'generating', 'active', 'complete', 'failed'])
const schema = {
  users: pgTable('users', {
    id: text('id').primaryKey(),
    email: text('email').notNull().unique(),
    emailVerified: boolean('email_verified').notNull(),
    name: text('name'),
    image: text('image'),
    metadata: jsonb('metadata'),
    ...times(),
  }),
  projects: pgTable('projects', {
    id: uuid('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => schema.users.id),
    name: text('name').notNull(),
    description: text('description').notNull(),
    status: status('status').notNull(),
    validationScore: integer('validation_score').notNull(),
    ...times(),
  }),
  files: pgTable('project_files', {
    id: uuid('id').primaryKey(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => schema.projects.id),
    path: text('path').notNull(),
    content: text('content').notNull(),
    ...times(),
  }),
}
const client = postgres(url, { max: 1, onnotice: () => {} })

await seed(drizzle(client), schema).refine(f => ({
  users: { count: Number(users) },
  projects: {
    count: Number(projects),
    columns: { validationScore: f.int({ minValue: 0, maxValue: 100 }) },
  },
  files: {
    count: Number(files),
    columns: { path: f.string({ isUnique: true }), content: f.loremIpsum({ sentencesCount: 3 }) },
  },
}))
await client.end()
