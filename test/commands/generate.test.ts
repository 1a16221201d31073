import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { changeSchema, generated, schemaProject } from '../generate/project.ts'
import { freshDatabase } from '../support/databases.ts'
import { type Generation, orm } from '../support/drizzle.ts'
import { documentOf, ops } from '../support/program.ts'
import { write } from '../support/project.ts'

// drizzle-kit takes a second to start, and a test starts it several times
vi.setConfig({ testTimeout: 60_000 })

const generations: readonly Generation[] = ['0.x', '1.0']

const users = `export const users = pgTable('users', { id: uuid().primaryKey() })`
const notes = `${users}; export const notes = pgTable('notes', { id: uuid().primaryKey() })`
const unchanged = {
  schemaVersion: 1,
  status: 'no_changes',
  name: null,
  files: [],
  sql: null,
  questions: [],
  findings: [],
}

const told: Record<Generation, string> = {
  '0.x': `\
CREATE TABLE "notes" (
  "id" uuid PRIMARY KEY NOT NULL
);
new file
drizzle/0001_notes.sql
drizzle/meta/0001_snapshot.json
Generated 0001_notes. Apply it: drizzle-ops migrate
`,
  '1.0': `\
CREATE TABLE "notes" (
  "id" uuid PRIMARY KEY
);
new file
drizzle/STAMP_notes/migration.sql
drizzle/STAMP_notes/snapshot.json
Generated STAMP_notes. Apply it: drizzle-ops migrate
`,
}

describe.each(generations)('generate with drizzle-kit %s', generation => {
  it('writes the first migration and those after it, which stock drizzle applies', async () => {
    const project = await schemaProject(generation, users)
    const first = await generated(project, ['--name', 'users'])
    expect(first.files).toEqual(
      generation === '0.x'
        ? ['drizzle/0000_users.sql', 'drizzle/meta/0000_snapshot.json']
        : [`drizzle/${first.name}/migration.sql`, `drizzle/${first.name}/snapshot.json`],
    )
    expect(first.sql).toBe(readFileSync(join(project.root, first.files[0] ?? ''), 'utf8'))
    changeSchema(project, notes)
    const second = await ops(['generate', '--name', 'notes'], { cwd: project.root })
    expect(second.stdout.replaceAll(/\d{14}/g, 'STAMP')).toBe(told[generation])
    expect(second.stderr).toBe('')
    expect(second.code).toBe(0)
    const database = await freshDatabase()
    expect(await orm(generation, project, database)).toMatchObject({ code: 0 })
    const status = await ops(['status', '--json', '--url', database.url], { cwd: project.root })
    expect(documentOf(status)).toMatchObject({ upToDate: true, counts: { applied: 2 } })
  })

  it('tells at once what lint says of it', async () => {
    const project = await schemaProject(generation, notes)
    await generated(project)
    changeSchema(project, users)
    const { stdout, code } = await ops(['generate', '--name', 'gone'], { cwd: project.root })
    expect(stdout).toMatch(/^(error|warning): .+ \[drop-table\]$/m)
    expect(stdout).toMatch(/What to write instead: drizzle-ops lint drizzle\/\S+gone\S*\.sql$/m)
    expect(code).toBe(0)
  })

  it('makes an empty file for SQL of one’s own', async () => {
    const project = await schemaProject(generation, users)
    await generated(project)
    expect(await generated(project, ['--custom', '--name', 'backfill'])).toMatchObject({
      status: 'ok',
      name: expect.stringMatching(/^\d+_backfill$/),
      sql: '-- Custom SQL migration file, put your code below! --',
      findings: [],
    })
    expect(await generated(project)).toEqual(unchanged)
    const { stdout } = await ops(['generate', '--custom', '--name', 'more'], { cwd: project.root })
    expect(stdout).toMatch(
      /^Generated (\d+_more)\. Write its SQL into drizzle\/\1(\.sql|\/migration\.sql), then: drizzle-ops migrate$/m,
    )
  })

  it('works from anywhere, beside the config', async () => {
    const project = await schemaProject(generation, users)
    const away = join(project.root, 'src/deep')
    write(join(away, 'x'), '')
    const outcome = await ops(['generate', '--json', '--name', 'init'], { cwd: away })
    const { files } = documentOf<{ files: string[] }>(outcome)
    expect(files).toHaveLength(2)
    // not below the working directory, and so in full
    expect(files.every(file => file.startsWith(project.out))).toBe(true)
  })

  it('takes breakpoints and file names as they are', async () => {
    const project = await schemaProject(generation, notes, {
      schema: './(app)/[id]/schema.ts',
      breakpoints: false,
    })
    write(join(project.root, '(app)/[id]/schema.ts'), readFileSync(join(project.root, 'schema.ts')))
    const { sql } = await generated(project)
    expect(sql).toContain('CREATE TABLE "notes"')
    expect(sql).not.toContain('--> statement-breakpoint')
  })
})
