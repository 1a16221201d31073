import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Context } from '../command.ts'
import type { OpsConfig } from '../config.ts'
import { OpsError } from '../errors.ts'
import { type EnvFile, loadEnvFiles } from './environment.ts'
import { configMissing, findConfig } from './find.ts'
import { type Exports, loadModule } from './load.ts'
import { readOps } from './ops.ts'

/** The part of drizzle-kit's config that this tool reads. https://orm.drizzle.team/docs/drizzle-config-file */
export interface DrizzleConfig {
  readonly dialect?: unknown
  readonly schema?: string | readonly string[]
  readonly out?: string
  readonly dbCredentials?: Readonly<Record<string, unknown>>
  readonly migrations?: { readonly table?: string; readonly schema?: string; readonly prefix?: string }
  readonly breakpoints?: boolean
  readonly casing?: string
  readonly schemaFilter?: string | readonly string[]
  readonly tablesFilter?: string | readonly string[]
  readonly strict?: boolean
  readonly verbose?: boolean
}

/** What the user's project says. Made by `openProject` only, so every value in it has been checked. */
export interface Project {
  readonly configFile: string
  /** The config's folder. */
  readonly root: string
  readonly config: DrizzleConfig
  readonly ops: OpsConfig
  readonly envFiles: readonly EnvFile[]
  /** The migrations folder: from the config's folder, or from the working directory as drizzle-kit takes it. */
  readonly out: string
  /** Where drizzle records what was applied. */
  readonly migrationsTable: { readonly schema: string; readonly table: string }
}

/** The project of the working directory. Throws OpsError, exit 2, where there is none or it cannot be read. */
export async function openProject(context: Context): Promise<Project> {
  const project = await findProject(context)
  if (!project) throw configMissing(context.cwd)
  return project
}

/** The same, or undefined where no config is found: for commands that a URL is enough for. */
export async function findProject(context: Context): Promise<Project | undefined> {
  const { globals, cwd, env } = context
  const configFile = findConfig(cwd, globals.config)
  const root = configFile ? dirname(configFile) : cwd
  const envFiles = loadEnvFiles(env, {
    cwd,
    root,
    named: globals.envFile ?? [],
    environment: globals.environment ?? env.NODE_ENV,
  })
  if (!configFile) return undefined
  const loaded = exportsOf(await loadModule(configFile, env))
  const config = readConfig('default' in loaded ? loaded.default : loaded, configFile)
  return {
    configFile,
    root,
    config,
    ops: readOps(loaded.ops, configFile),
    envFiles,
    out: fromConfig(config.out ?? './drizzle', root, cwd),
    migrationsTable: {
      schema: config.migrations?.schema ?? 'drizzle',
      table: config.migrations?.table ?? '__drizzle_migrations',
    },
  }
}

/** What a CommonJS config exports arrives as one default, with its own `default` and `ops` inside. */
function exportsOf(loaded: Exports): Exports {
  const { default: inner, ...named } = loaded
  if (typeof inner !== 'object' || inner === null) return loaded
  return { default: inner, ...inner, ...named }
}

function readConfig(exported: unknown, configFile: string): DrizzleConfig {
  const config = exported as DrizzleConfig | undefined
  if (typeof config !== 'object' || config === null || Object.keys(config).length === 0) {
    throw invalid(configFile, 'exports no drizzle config as its default')
  }
  if (config.dialect !== 'postgresql')
    throw invalid(
      configFile,
      `has the dialect ${JSON.stringify(config.dialect) ?? 'unset'}, not "postgresql"`,
    )
  if (config.out !== undefined && typeof config.out !== 'string')
    throw invalid(configFile, 'needs text under out')
  return config
}

function invalid(configFile: string, why: string): OpsError {
  return new OpsError({
    code: 'config-invalid',
    message: `${configFile} ${why}.`,
    hint: "Write export default defineConfig({ dialect: 'postgresql', out: './drizzle', … }).",
    exit: 2,
  })
}

function fromConfig(path: string, root: string, cwd: string): string {
  const besideConfig = resolve(root, path)
  const inCwd = resolve(cwd, path)
  return !existsSync(besideConfig) && existsSync(inCwd) ? inCwd : besideConfig
}
