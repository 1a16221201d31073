import { join } from 'node:path'
import { expect, it } from 'vitest'
import { addInstalled, installed } from '../support/packed.ts'
import { platformDatabase } from '../support/platform.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { runScript } from '../support/spawn.ts'

const packages = join(import.meta.dirname, '../../node_modules')

const program = `
import { createProject, createUser, listProjects, OpsError, type Project, schema } from 'drizzle-ops/platform'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'

const client = postgres(process.env['URL'] as string)
const db = drizzle(client, { schema })
const made: Project = await db.transaction(async tx => {
  await createUser(tx, { id: 'ada', email: 'ada@example.com' })
  return createProject(tx, { userId: 'ada', name: 'Notes', description: '' })
})
// @ts-expect-error there is no such status
await listProjects(db, { status: ['nothing'] }, { limit: 1 }).catch(() => {})
const { rows } = await listProjects(db, { userId: 'ada' }, { limit: 10 })
const taken = await createUser(db, { id: 'ada', email: 'ada@example.com' }).catch((error: unknown) => error)
process.stdout.write(JSON.stringify([rows[0]?.id === made.id, taken instanceof OpsError && taken.code]))
await client.end()
`

it('is a library of services, with types', { timeout: 120_000 }, async () => {
  const { project } = await installed()
  const folder = emptyFolder()
  addInstalled(project, folder, packages)
  write(join(folder, 'package.json'), '{ "type": "module" }')
  write(join(folder, 'program.ts'), program)
  write(
    join(folder, 'tsconfig.json'),
    '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "es2023", "skipLibCheck": true, "types": ["node"] } }',
  )
  const compiled = await runScript(join(packages, 'typescript/bin/tsc'), [], { cwd: folder, timeout: 60_000 })
  expect(compiled).toMatchObject({ code: 0, stdout: '' })
  const { url } = await platformDatabase()
  const ran = await runScript(join(folder, 'program.js'), [], { cwd: folder, env: { URL: url } })
  expect(ran).toMatchObject({ code: 0, stderr: '', stdout: '[true,"conflict"]' })
})
