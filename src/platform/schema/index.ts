export * from './auth.ts'
export * from './conversations.ts'
export * from './projects.ts'
export * from './workspaces.ts'
