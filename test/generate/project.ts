import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Generation, repository } from '../support/drizzle.ts'
import { documentOf, emptyFolder, type Outcome, ops } from '../support/program.ts'
import { type TestProject, write } from '../support/project.ts'
import { ensureRuntime } from '../support/runtimes.ts'

/** What the document says of an open rename. */
export interface OpenQuestion {
  readonly kind: string
  readonly name: string
  readonly candidates: readonly string[]
  readonly answers: readonly string[]
}

export interface GenerateDocument {
  readonly status: string
  readonly name: string | null
  readonly files: readonly string[]
  readonly sql: string | null
  readonly questions: readonly OpenQuestion[]
  readonly findings: readonly object[]
}

const IMPORTS = `import { sql } from 'drizzle-orm'
import { integer, jsonb, pgEnum, pgSchema, pgSequence, pgTable, pgView, serial, text, uuid } from 'drizzle-orm/pg-core'
`

/** A project with this schema, without migrations, and with that generation of drizzle-kit in reach. */
export async function schemaProject(
  generation: Generation,
  schema: string,
  config: object = {},
): Promise<TestProject> {
  const root = emptyFolder()
  const packages = generation === '0.x' ? repository : await ensureRuntime('drizzle-1.0')
  symlinkSync(join(packages, 'node_modules'), join(root, 'node_modules'))
  write(join(root, 'package.json'), '{}')
  const all = { dialect: 'postgresql', schema: './schema.ts', out: './drizzle', ...config }
  write(join(root, 'drizzle.config.ts'), `export default ${JSON.stringify(all)}`)
  const project = { root, out: join(root, 'drizzle') }
  changeSchema(project, schema)
  return project
}

export function changeSchema({ root }: TestProject, schema: string): void {
  write(join(root, 'schema.ts'), `${IMPORTS}${schema}\n`)
}

export async function generate({ root }: TestProject, ...flags: readonly string[]): Promise<Outcome> {
  return ops(['generate', '--json', ...flags], { cwd: root })
}

/** The document of a run that must end with this code. */
export async function generated(
  project: TestProject,
  flags: readonly string[] = [],
  code = 0,
): Promise<GenerateDocument> {
  const outcome = await generate(project, ...flags)
  if (outcome.code !== code) throw new Error(`exit ${outcome.code}: ${outcome.stdout}${outcome.stderr}`)
  return documentOf<GenerateDocument>(outcome)
}

/** Every file of the project with its text, but for the packages. */
export function picture({ root }: TestProject): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
  return Object.fromEntries(files.map(file => [file.slice(root.length + 1), readFileSync(file, 'utf8')]))
}
