import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { type ColumnName, defineOps, type QualifiedColumn, type TableName } from '../../src/config.ts'
import type * as schema from '../../src/platform/schema/index.ts'
import { emptyFolder } from '../support/program.ts'
import { write } from '../support/project.ts'
import { ensureRuntime } from '../support/runtimes.ts'
import { runScript } from '../support/spawn.ts'

const repository = join(import.meta.dirname, '../..')

const config = `
import { defineConfig } from 'drizzle-kit'
import { defineOps } from 'drizzle-ops/config'

export default defineConfig({ dialect: 'postgresql', schema: './schema.ts', out: './drizzle' })
export const ops = defineOps<typeof import('./schema')>({ cleanup: { old: { table: 'notes', column: 'made', olderThan: '1d' } } })
`

const notes = `
import { pgTable, timestamp } from 'drizzle-orm/pg-core'
export const notes = pgTable('notes', { made: timestamp('made') })
`

describe('defineOps under drizzle-kit', () => {
  let newer = ''
  beforeAll(async () => {
    newer = await ensureRuntime('drizzle-1.0')
  })

  it('0.31 generates', async () => {
    const project = projectWith(repository)
    const { stdout } = await generate(project)
    expect(existsSync(join(project, 'drizzle/0000_first.sql')), stdout).toBe(true)
  })

  it('1.0 generates', async () => {
    const project = projectWith(newer)
    const { stdout } = await generate(project)
    expect(readdirSync(join(project, 'drizzle')), stdout).toEqual([expect.stringMatching(/^\d{14}_first$/)])
  })
})

describe('the types of defineOps', () => {
  type Schema = typeof schema

  it('know tables and columns', () => {
    expectTypeOf<'git_repositories'>().toExtend<TableName<Schema>>()
    expectTypeOf<'expires_at'>().toExtend<ColumnName<Schema, 'sessions'>>()
    expectTypeOf<'accounts.access_token_iv'>().toExtend<QualifiedColumn<Schema>>()
    // a misspelt column, and one of another table
    expectTypeOf<'expires'>().not.toExtend<ColumnName<Schema, 'sessions'>>()
    expectTypeOf<'projects.token'>().not.toExtend<QualifiedColumn<Schema>>()
  })

  it('take any name where no schema is given', () => {
    expect(defineOps({ redact: ['anything.at_all'] })).toEqual({ redact: ['anything.at_all'] })
  })
})

/** A project whose packages are those of `installation`, and drizzle-ops itself. */
function projectWith(installation: string): string {
  const project = emptyFolder()
  write(join(project, 'package.json'), '{ "type": "module" }')
  write(join(project, 'drizzle.config.ts'), config)
  write(join(project, 'schema.ts'), notes)
  mkdirSync(join(project, 'node_modules'))
  for (const name of ['drizzle-kit', 'drizzle-orm']) {
    symlinkSync(join(installation, 'node_modules', name), join(project, 'node_modules', name))
  }
  symlinkSync(repository, join(project, 'node_modules/drizzle-ops'))
  return project
}

function generate(project: string) {
  const kit = join(project, 'node_modules/drizzle-kit/bin.cjs')
  return runScript(kit, ['generate', '--name', 'first'], { cwd: project })
}
