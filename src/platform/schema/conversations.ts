import { index, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { projects } from './projects.ts'
import { instant, times } from './times.ts'

export const conversations = pgTable(
  'conversations',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    title: text('title'),
    ...times,
  },
  table => [index('conversations_project_id_created_at_idx').on(table.projectId, table.createdAt)],
)

export const messageRole = pgEnum('message_role', ['user', 'assistant', 'system'])

export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    conversationId: uuid('conversation_id')
      .notNull()
      .references(() => conversations.id, { onDelete: 'cascade' }),
    role: messageRole('role').notNull(),
    content: text('content').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  table => [index('messages_conversation_id_created_at_idx').on(table.conversationId, table.createdAt)],
)
