import { bigint, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import type { JsonObject } from './json.ts'
import { projects } from './projects.ts'
import { instant } from './times.ts'

/** Keyed by column. */
export type AuditChanges = JsonObject

export const auditLogs = pgTable(
  'audit_logs',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    // Set null, not cascade: what was done outlives who did it, and to what.
    userId: text('user_id').references(() => users.id, { onDelete: 'set null' }),
    projectId: uuid('project_id').references(() => projects.id, { onDelete: 'set null' }),
    action: text('action').notNull(),
    tableName: text('table_name').notNull(),
    recordId: text('record_id').notNull(),
    changes: jsonb('changes').$type<AuditChanges>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  table => [
    index('audit_logs_table_name_record_id_idx').on(table.tableName, table.recordId),
    index('audit_logs_created_at_idx').on(table.createdAt),
    index('audit_logs_user_id_idx').on(table.userId),
    index('audit_logs_project_id_idx').on(table.projectId),
  ],
)
