import { defineConfig } from 'drizzle-kit'
import { defineOps } from 'drizzle-ops/config'
import { platformSeed } from './src/platform/seed.ts'

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/platform/schema/index.ts',
  out: './drizzle',
  dbCredentials: { url: process.env.DATABASE_URL ?? '' },
})

export const ops = defineOps<typeof import('./src/platform/schema/index.ts')>({
  platform: true,
  embedded: true,
  graph: { roots: { project: 'projects' } },
  redact: [
    'sessions.token',
    'accounts.access_token',
    'accounts.access_token_iv',
    'accounts.access_token_tag',
    'accounts.refresh_token',
    'accounts.refresh_token_iv',
    'accounts.refresh_token_tag',
    'accounts.password',
    'verifications.value',
    'git_repositories.deploy_key',
  ],
  cleanup: {
    sessions: { table: 'sessions', column: 'expires_at', olderThan: '0s' },
    verifications: { table: 'verifications', column: 'expires_at', olderThan: '0s' },
    idleSessions: { table: 'sessions', column: 'last_active_at', olderThan: '30d' },
    trash: { table: 'projects', column: 'deleted_at', olderThan: '30d' },
    auditLogs: { table: 'audit_logs', column: 'created_at', olderThan: '400d' },
  },
  seed: platformSeed,
})
