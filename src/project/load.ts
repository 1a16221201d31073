import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, Message } from 'esbuild'
import { type ErrorPlace, OpsError } from '../errors.ts'
import { cachedModule, cacheFolder, keepModule, withPassingModule } from './cache.ts'
import { hasRun, thrownAt } from './origin.ts'
import { transpile } from './transpile.ts'

/** What Node says of a module that it cannot link by itself, though drizzle-kit reads it. */
const NOT_FOR_NODE = [
  'ERR_IMPORT_ASSERTION_TYPE_MISSING',
  'ERR_IMPORT_ATTRIBUTE_MISSING',
  'ERR_MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'MODULE_NOT_FOUND',
]

const WHITE_SPACE = /\s+/g
const UNRESOLVED = /^Could not resolve (".*")$/

export type Exports = Readonly<Record<string, unknown>>

/**
 * Imports a module of the user's project: JSON, JavaScript, or TypeScript with path aliases, `.js`
 * specifiers, top-level await and `import.meta`.
 * Throws OpsError `config-throws`, `config-syntax` or `module-missing` with the place in the user's own file.
 */
export async function loadModule(file: string, env: NodeJS.ProcessEnv): Promise<Exports> {
  if (extname(file) === '.json') return { default: await readJson(file) }
  try {
    const native = extname(file).endsWith('ts') ? undefined : await importIfNodeCan(file)
    return native ?? (await importTranspiled(file, env))
  } catch (error) {
    throw await explained(error, file)
  }
}

async function importTranspiled(file: string, env: NodeJS.ProcessEnv): Promise<Exports> {
  const folder = await cacheFolder(env)
  const cached = folder && (await cachedModule(folder, file))
  // a package may have moved since, as pnpm moves it with every version
  const known = cached && (await importIfNodeCan(cached))
  if (known) return known
  const transpiled = await transpile(file)
  const kept = folder && (await keepModule(folder, file, transpiled))
  if (kept) return importFile(kept)
  return withPassingModule(transpiled.code, module =>
    importFile(module).catch(async error => {
      throw await explained(error, file)
    }),
  )
}

async function importIfNodeCan(file: string): Promise<Exports | undefined> {
  try {
    return await importFile(file)
  } catch (error) {
    if (isNotForNode(error)) return undefined
    throw error
  }
}

/** A SyntaxError before anything has run: of a name that CommonJS exports unseen, or of what only a compiler reads. */
function isNotForNode(error: unknown): boolean {
  if (error instanceof SyntaxError) return !hasRun(error)
  return NOT_FOR_NODE.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '')
}

async function importFile(file: string): Promise<Exports> {
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Exports
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new OpsError({
      code: 'config-syntax',
      message: `${file} is not JSON: ${(cause as Error).message.replace(WHITE_SPACE, ' ')}.`,
      hint: 'Mend the file, or use drizzle.config.ts.',
      exit: 2,
      where: { file },
      cause,
    })
  }
}

async function explained(error: unknown, file: string): Promise<OpsError> {
  if (error instanceof OpsError) return error
  const message = (error as Partial<BuildFailure>).errors?.[0]
  if (message) return uncompiled(message, file, error)
  const where = await thrownAt(error, file)
  return new OpsError({
    code: 'config-throws',
    message: `${placed(where)} threw: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).',
    exit: 2,
    where,
    cause: error,
  })
}

function uncompiled({ location, text }: Message, file: string, cause: unknown): OpsError {
  const where = location
    ? {
        file: resolve(dirname(file), location.file),
        line: location.line,
        column: location.column + 1,
        excerpt: location.lineText,
      }
    : { file }
  const missing = UNRESOLVED.exec(text)?.[1]
  return new OpsError({
    ...(missing
      ? {
          code: 'module-missing',
          message: `${placed(where)} imports ${missing}, which cannot be found.`,
          hint: 'Install the package, or correct the path; aliases are read from tsconfig.json.',
        }
      : {
          code: 'config-syntax',
          message: `${placed(where)} cannot be compiled: ${text}.`,
          hint: 'Mend that line; drizzle-kit reads the same file.',
        }),
    exit: 2,
    where,
    cause,
  })
}

function placed({ file, line }: ErrorPlace): string {
  return line === undefined ? file : `${file} line ${line}`
}
