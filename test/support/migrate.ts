import { expect } from 'vitest'
import type { TestDatabase } from './databases.ts'
import { documentOf, ops } from './program.ts'
import type { TestProject } from './project.ts'

/** As much of the documents of `migrate` and `status` as tests take apart. */
export interface MigrateDocument {
  readonly applied: readonly { readonly name: string; readonly transaction: string }[]
  readonly pending: readonly string[]
  readonly alreadyApplied: number
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
}

interface Migrated {
  readonly code: number
  readonly stderr: string
  readonly document: MigrateDocument
}

/** `migrate --json` in the test's own process. */
export async function migrate(
  { root }: TestProject,
  { url }: Pick<TestDatabase, 'url'>,
  flags: readonly string[] = [],
): Promise<Migrated> {
  const outcome = await ops(['migrate', '--json', '--url', url, ...flags], { cwd: root })
  return { code: outcome.code, stderr: outcome.stderr, document: documentOf(outcome) }
}

/** The same where nothing but success is expected. */
export async function migrated(
  project: TestProject,
  database: Pick<TestDatabase, 'url'>,
  flags: readonly string[] = [],
): Promise<MigrateDocument> {
  const { code, document, stderr } = await migrate(project, database, flags)
  expect(code, `${JSON.stringify(document.error)}\n${stderr}`).toBe(0)
  return document
}

export async function status({ root }: TestProject, { url }: Pick<TestDatabase, 'url'>): Promise<object> {
  return documentOf(await ops(['status', '--json', '--url', url], { cwd: root }))
}
