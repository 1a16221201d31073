import { type AnyPgColumn, index, integer, json, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { users } from './auth.ts'
import type { JsonObject } from './json.ts'
import { instant, times } from './times.ts'

export const workspaces = pgTable('workspaces', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  userId: text('user_id')
    .notNull()
    .unique()
    .references(() => users.id, { onDelete: 'cascade' }),
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  domain: text('domain'),
  embedDepth: integer('embed_depth').notNull().default(5),
  ...times,
})

export interface NodeMetadata {
  tags?: string[]
  properties?: JsonObject
  frontmatter?: JsonObject
}

/** A page where `parentUuid` is null, else a block of one. */
export const nodes = pgTable(
  'nodes',
  {
    uuid: text('uuid').primaryKey(),
    workspaceId: integer('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    parentUuid: text('parent_uuid').references((): AnyPgColumn => nodes.uuid, { onDelete: 'cascade' }),
    order: integer('order').notNull().default(0),
    pageName: text('page_name').notNull(),
    slug: text('slug').notNull(),
    title: text('title').notNull(),
    html: text('html'),
    metadata: json('metadata').$type<NodeMetadata>(),
    ...times,
  },
  table => [
    index('nodes_parent_uuid_order_idx').on(table.parentUuid, table.order),
    index('nodes_workspace_id_page_name_idx').on(table.workspaceId, table.pageName),
  ],
)

export const syncStatus = pgEnum('sync_status', ['idle', 'syncing', 'success', 'error'])

export const gitRepositories = pgTable('git_repositories', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  workspaceId: integer('workspace_id')
    .notNull()
    .unique()
    .references(() => workspaces.id, { onDelete: 'cascade' }),
  repoUrl: text('repo_url').notNull(),
  branch: text('branch').notNull().default('main'),
  deployKey: text('deploy_key'),
  lastSync: instant('last_sync'),
  syncStatus: syncStatus('sync_status').notNull().default('idle'),
  errorLog: text('error_log'),
  ...times,
})

export const deploymentStatus = pgEnum('deployment_status', ['pending', 'building', 'success', 'failed'])

export const deploymentHistory = pgTable(
  'deployment_history',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: integer('workspace_id')
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    commitSha: text('commit_sha').notNull(),
    status: deploymentStatus('status').notNull(),
    deployedAt: instant('deployed_at').notNull().defaultNow(),
    errorLog: text('error_log'),
    /** One entry for each line. */
    buildLog: json('build_log').$type<string[]>(),
  },
  table => [
    index('deployment_history_workspace_id_deployed_at_idx').on(
      table.workspaceId,
      table.deployedAt.desc().nullsFirst(),
    ),
  ],
)
