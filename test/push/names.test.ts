import { beforeAll, describe, expect, it } from 'vitest'
import { OpsError } from '../../src/errors.ts'
import { HAZARDS } from '../../src/push/hazards.ts'
import { freshDatabase } from '../support/databases.ts'
import { type Pusher, startPusher } from '../support/pushing.ts'

/** Names that must be quoted, schemas with the names of tables, and what stands beside tables. */
const schemas: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'names that must be quoted': [
    `export const app = pgSchema('My-App')
     export const kind = app.enum('Kind of', ['a "b"', 'c'])
     export const t = app.table('Weird Name', { id: integer('Id').primaryKey(), k: kind('the kind').default('c'), e: text("it's") }, t => [index('an Index').on(sql\`lower(\${t.e})\`), check('a check', sql\`\${t.id} > 0\`)])`,
    `export const app = pgSchema('My-App')
     export const kind = app.enum('Kind of', ['a "b"', 'c', 'd'])
     export const t = app.table('Weird Name', { id: integer('Id').primaryKey(), k: kind('the kind').default('a "b"'), e: text("it's"), f: kind('another') }, t => [index('an Index').on(sql\`upper(\${t.e})\`), check('a check', sql\`\${t.id} > 1\`)])`,
  ],
  'a schema with the name of a table': [
    `export const auth = pgSchema('auth')
     export const inSchema = auth.table('auth', { id: integer().primaryKey() })
     export const users = pgTable('auth', { id: integer().references(() => inSchema.id) })`,
    `export const auth = pgSchema('auth')
     export const inSchema = auth.table('auth', { id: integer().primaryKey(), a: text() })
     export const users = pgTable('auth', { id: integer().references(() => inSchema.id), b: text() })`,
  ],
  'policies beside their table, and for a role': [
    `export const users = pgTable('users', { id: integer().primaryKey() })
     export const p = pgPolicy('p', { for: 'select', to: 'public', using: sql\`true\` }).link(users)
     export const notes = pgTable('notes', { id: integer() }, t => [pgPolicy('q', { as: 'restrictive', to: 'current_user', withCheck: sql\`\${t.id} > 0\` })])`,
    `export const users = pgTable('users', { id: integer().primaryKey() })
     export const p = pgPolicy('p', { for: 'select', to: 'public', using: sql\`\${users.id} > 5\` }).link(users)
     export const notes = pgTable('notes', { id: integer() }, t => [pgPolicy('q', { as: 'restrictive', to: 'public', withCheck: sql\`\${t.id} > 1\` })])`,
  ],
  'defaults of all kinds': [
    `export const t = pgTable('t', { a: jsonb().default({ a: [1, 'x'] }), b: text().array().default(['a', 'b']), c: numeric({ precision: 10, scale: 2 }).default('1.50'), d: timestamp({ withTimezone: true }).defaultNow(), e: date().default('2026-01-01'), f: varchar({ length: 5 }).default("it's"), g: integer().default(sql\`1 + 1\`), h: uuid().default(sql\`gen_random_uuid()\`) })`,
    `export const t = pgTable('t', { a: jsonb().default({ a: [2] }), b: text().array().default([]), c: numeric({ precision: 10, scale: 2 }).default('2'), d: timestamp({ withTimezone: true }).default(sql\`CURRENT_TIMESTAMP\`), e: date(), f: varchar({ length: 5 }).default('b'), g: integer().default(3), h: uuid() })`,
  ],
}

describe.each(['0.x', '1.0'] as const)('push with drizzle-kit %s', generation => {
  let pusher: Pusher
  beforeAll(async () => {
    pusher = await startPusher(generation)
  })

  it.each(Object.keys(schemas))('converges on %s', async name => {
    const [before = '', after = ''] = schemas[name] ?? []
    const database = await freshDatabase()
    for (const schema of [before, after, before]) {
      const pushed = await pusher.push(database, schema, { allow: HAZARDS })
      if (pushed instanceof OpsError) throw pushed
      expect(await pusher.push(database, schema, { dryRun: true })).toMatchObject({
        status: 'no_changes',
        unresolved: [],
        notCompared: [],
      })
    }
  })
})
