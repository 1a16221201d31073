import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Generation } from './drizzle.ts'
import { emptyProject, type TestProject } from './project.ts'
import { ensureRuntime } from './runtimes.ts'
import { runScript } from './spawn.ts'

/** One generated migration: the schema as it is from then on, as the text of a module. */
export interface Step {
  readonly name: string
  readonly schema: string
  /** What stands in the file in place of what drizzle-kit writes; for 1.0 unless there are hints. */
  readonly sql?: readonly string[]
  /** What drizzle-kit 1.0 would ask about. */
  readonly hints?: readonly object[]
  /** `generate --custom`: the schema stays as it was, and the SQL is one's own. */
  readonly custom?: true
  /** Made on another branch, where the step before it is not known. With 1.0 only. */
  readonly beside?: true
}

const repository = join(import.meta.dirname, '../..')
const script = join(import.meta.dirname, 'generate.mjs')

/** Projects with migrations and snapshots as `drizzle-kit generate` makes them, and with that drizzle-kit in reach. */
export async function generatedProjects(
  generation: Generation,
  steps: readonly (readonly Step[])[],
): Promise<TestProject[]> {
  const packages = await packagesOf(generation)
  const projects = steps.map(() => emptyProject())
  for (const { root } of projects) symlinkSync(packages, join(root, 'node_modules'))
  const stdin = JSON.stringify(projects.map(({ root }, index) => ({ root, steps: steps[index] })))
  const { code, stderr } = await runScript(script, [generation, packages], { stdin, timeout: 60_000 })
  expect(code, stderr).toBe(0)
  return projects
}

/** The names of a project's migrations in their order. */
export function migrationNames({ out }: TestProject): string[] {
  const journal = join(out, 'meta/_journal.json')
  if (!existsSync(journal)) return readdirSync(out).sort()
  const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { tag: string }[] }
  return entries.map(({ tag }) => tag)
}

export async function generatedProject(generation: Generation, ...steps: Step[]): Promise<TestProject> {
  const [project] = await generatedProjects(generation, [steps])
  return project as TestProject
}

async function packagesOf(generation: Generation): Promise<string> {
  const folder = generation === '0.x' ? repository : await ensureRuntime('drizzle-1.0')
  return join(folder, 'node_modules')
}
