import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import { type Exports, loadModule } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { withOps } from './config-text.ts'

const NOT_INSTALLED =
  'drizzle-kit will not find drizzle-ops/config beside the config: npm install --save-dev drizzle-ops'
const MODULE = /^\s*export\b/m
const TYPESCRIPT = /\.ts$/
const PLAIN_FILE = /^[^*{}[\]]+\.[cm]?[jt]s$/

/**
 * Adds the `ops` export to the project's config and says whether it did: one that has it already stays as it is.
 * What the config exports by now must be what it exported before, else nothing is changed.
 * Throws OpsError, exit 2: `init-unsupported`, and `init-changed` with the reason.
 */
export async function addOps(context: Context, project: Project): Promise<boolean> {
  const file = project.configFile
  const text = await readFile(file, 'utf8')
  const before = await loadModule(file, context.env)
  if ('ops' in before) return false
  if (extname(file) === '.json' || !MODULE.test(text)) throw unsupported(file)
  // beside the config, so that its imports resolve as they did
  const draft = join(dirname(file), `.${basename(file, extname(file))}-${process.pid}${extname(file)}`)
  try {
    await writeFile(draft, withOps(text, schemaOf(project)), { mode: (await stat(file)).mode })
    const after = await loadModule(draft, context.env)
    if (!isDeepStrictEqual(defaultOf(after), defaultOf(before)))
      throw changed(file, 'exports something else then')
    await rename(draft, file)
    if (!isInstalled(file)) context.report.warn(NOT_INSTALLED)
    return true
  } finally {
    await rm(draft, { force: true })
  }
}

/** The module that the types come from, where the config names a single one; TypeScript takes no .ts at its end. */
function schemaOf({ config: { schema } }: Project): string | undefined {
  if (typeof schema !== 'string' || !PLAIN_FILE.test(schema) || !schema.startsWith('./')) return undefined
  return schema.replace(TYPESCRIPT, '')
}

/** As text, since functions in it are made anew with every load. */
function defaultOf({ default: exported }: Exports): unknown {
  return JSON.parse(JSON.stringify(exported ?? null))
}

/** drizzle-kit reads the config with Node's own resolution, where drizzle-ops itself would find a stand-in. */
function isInstalled(file: string): boolean {
  try {
    createRequire(file).resolve('drizzle-ops/config')
    return true
  } catch {
    return false
  }
}

function unsupported(file: string): OpsError {
  return new OpsError({
    code: 'init-unsupported',
    message: `${file} is not an ES module, so it has no place for a second export.`,
    hint: 'Rename it to drizzle.config.ts and write export default defineConfig({ … }), then run drizzle-ops init again.',
    exit: 2,
  })
}

function changed(file: string, why: string): OpsError {
  return new OpsError({
    code: 'init-changed',
    message: `With the ops export added, ${file} ${why}; it was left as it is.`,
    hint: "Add it by hand: export const ops = defineOps({}) with import { defineOps } from 'drizzle-ops/config'.",
    exit: 2,
  })
}
