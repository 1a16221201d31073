import { relations } from 'drizzle-orm'
import { auditLogs } from './audit.ts'
import { accounts, sessions, users } from './auth.ts'
import { conversations, messages } from './conversations.ts'
import { agentStates, artifacts, projectFiles, projects } from './projects.ts'
import { deploymentHistory, gitRepositories, nodes, workspaces } from './workspaces.ts'

export const usersRelations = relations(users, ({ one, many }) => ({
  sessions: many(sessions),
  accounts: many(accounts),
  projects: many(projects),
  workspace: one(workspaces),
  auditLogs: many(auditLogs),
}))

export const sessionsRelations = relations(sessions, ({ one }) => ({
  user: one(users, { fields: [sessions.userId], references: [users.id] }),
}))

export const accountsRelations = relations(accounts, ({ one }) => ({
  user: one(users, { fields: [accounts.userId], references: [users.id] }),
}))

export const projectsRelations = relations(projects, ({ one, many }) => ({
  user: one(users, { fields: [projects.userId], references: [users.id] }),
  files: many(projectFiles),
  agentState: one(agentStates),
  artifacts: many(artifacts),
  conversations: many(conversations),
  auditLogs: many(auditLogs),
}))

export const projectFilesRelations = relations(projectFiles, ({ one }) => ({
  project: one(projects, { fields: [projectFiles.projectId], references: [projects.id] }),
}))

export const agentStatesRelations = relations(agentStates, ({ one }) => ({
  project: one(projects, { fields: [agentStates.projectId], references: [projects.id] }),
}))

export const artifactsRelations = relations(artifacts, ({ one }) => ({
  project: one(projects, { fields: [artifacts.projectId], references: [projects.id] }),
}))

export const conversationsRelations = relations(conversations, ({ one, many }) => ({
  project: one(projects, { fields: [conversations.projectId], references: [projects.id] }),
  messages: many(messages),
}))

export const messagesRelations = relations(messages, ({ one }) => ({
  conversation: one(conversations, {
    fields: [messages.conversationId],
    references: [conversations.id],
  }),
}))

export const workspacesRelations = relations(workspaces, ({ one, many }) => ({
  user: one(users, { fields: [workspaces.userId], references: [users.id] }),
  nodes: many(nodes),
  gitRepository: one(gitRepositories),
  deployments: many(deploymentHistory),
}))

export const nodesRelations = relations(nodes, ({ one, many }) => ({
  workspace: one(workspaces, { fields: [nodes.workspaceId], references: [workspaces.id] }),
  parent: one(nodes, {
    fields: [nodes.parentUuid],
    references: [nodes.uuid],
    relationName: 'parent',
  }),
  children: many(nodes, { relationName: 'parent' }),
}))

export const gitRepositoriesRelations = relations(gitRepositories, ({ one }) => ({
  workspace: one(workspaces, {
    fields: [gitRepositories.workspaceId],
    references: [workspaces.id],
  }),
}))

export const deploymentHistoryRelations = relations(deploymentHistory, ({ one }) => ({
  workspace: one(workspaces, {
    fields: [deploymentHistory.workspaceId],
    references: [workspaces.id],
  }),
}))

export const auditLogsRelations = relations(auditLogs, ({ one }) => ({
  user: one(users, { fields: [auditLogs.userId], references: [users.id] }),
  project: one(projects, { fields: [auditLogs.projectId], references: [projects.id] }),
}))
