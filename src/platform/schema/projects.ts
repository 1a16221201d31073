import { isNotNull, sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import { instant, times } from './times.ts'

/** What the user has told about the application so far: each part appears once it has been asked for. */
export interface CollectedData {
  actors?: { name: string; role: string; goals: string[] }[]
  useCases?: { id: string; name: string; actor: string; description: string }[]
  boundaries?: { internal: string[]; external: string[] }
  entities?: { name: string; attributes: string[]; relationships: string[] }[]
}

export const projectStatus = pgEnum('project_status', [
  'draft',
  'idle',
  'generating',
  'active',
  'complete',
  'failed',
])

export const projects = pgTable(
  'projects',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description').notNull(),
    status: projectStatus('status').notNull().default('idle'),
    validationScore: integer('validation_score').notNull().default(0),
    collectedData: jsonb('collected_data').$type<CollectedData>(),
    previewUrl: text('preview_url'),
    sandboxId: text('sandbox_id'),
    deletedAt: instant('deleted_at'),
    ...times,
  },
  table => [
    // PostgreSQL's own meaning of DESC; drizzle-kit writes NULLS LAST, which ORDER BY … DESC cannot use.
    index('projects_user_id_updated_at_idx').on(table.userId, table.updatedAt.desc().nullsFirst()),
    // the list of all: newest first, and the id where two were updated at the same instant
    index('projects_updated_at_id_idx').on(table.updatedAt.desc().nullsFirst(), table.id.desc().nullsFirst()),
    index('projects_status_idx').on(table.status),
    index('projects_deleted_at_idx').on(table.deletedAt).where(isNotNull(table.deletedAt)),
    check('projects_validation_score_check', sql`${table.validationScore} between 0 and 100`),
  ],
)

export const projectFiles = pgTable(
  'project_files',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    content: text('content').notNull(),
    ...times,
  },
  table => [unique('project_files_project_id_path_unique').on(table.projectId, table.path)],
)

export interface Phase {
  name: string
  description: string
  files: { path: string; purpose: string }[]
  isLastPhase: boolean
  completed: boolean
}

export interface AgentMessage {
  role: 'user' | 'assistant' | 'system'
  content: string
  /** ISO 8601, UTC. */
  timestamp: string
}

export const agentStates = pgTable('agent_states', {
  id: uuid('id').primaryKey().defaultRandom(),
  projectId: uuid('project_id')
    .notNull()
    .unique()
    .references(() => projects.id, { onDelete: 'cascade' }),
  currentState: text('current_state').notNull().default('idle'),
  currentPhase: integer('current_phase'),
  phases: jsonb('phases').$type<Phase[]>().notNull().default([]),
  generatedFiles: jsonb('generated_files').$type<string[]>().notNull().default([]),
  conversationHistory: jsonb('conversation_history').$type<AgentMessage[]>().notNull().default([]),
  sandboxId: text('sandbox_id'),
  previewUrl: text('preview_url'),
  ...times,
})

export const artifacts = pgTable(
  'artifacts',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    type: text('type').notNull(),
    content: text('content').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  table => [index('artifacts_project_id_idx').on(table.projectId)],
)
