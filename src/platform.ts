/**
 * The platform's services as a library: `import { listProjects, schema } from 'drizzle-ops/platform'`. Each takes a
 * database of drizzle-orm 0.45 made with `drizzle(client, { schema })`, or an open transaction on it.
 */
export { OpsError } from './errors.ts'
export * as schema from './platform/schema/index.ts'
export * from './platform/services/agent-states.ts'
export * from './platform/services/audit.ts'
export type { Db } from './platform/services/db.ts'
export * from './platform/services/files.ts'
export * from './platform/services/nodes.ts'
export type { Page, Paged } from './platform/services/page.ts'
export * from './platform/services/project-lists.ts'
export * from './platform/services/project-removal.ts'
export * from './platform/services/projects.ts'
export * from './platform/services/sessions.ts'
export * from './platform/services/user-lists.ts'
export * from './platform/services/users.ts'
export * from './platform/services/workspaces.ts'
