import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure } from 'esbuild'
import { OpsError } from '../errors.ts'
import { cachedModule, cacheFolder, keepModule, withPassingModule } from './cache.ts'
import { thrownAt } from './origin.ts'
import { transpile } from './transpile.ts'

/** What Node says before it has run a line of a module that it cannot link by itself. */
const NOT_FOR_NODE = [
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
]

type Exports = Readonly<Record<string, unknown>>

/**
 * Imports a module of the user's project: JSON, JavaScript, or TypeScript with path aliases, `.js`
 * specifiers, top-level await and `import.meta`.
 * Throws OpsError `config-throws` or `config-syntax` with the place in the user's own file.
 */
export async function loadModule(file: string, env: NodeJS.ProcessEnv): Promise<Exports> {
  if (extname(file) === '.json') return { default: await readJson(file) }
  try {
    return await importProjectModule(file, env)
  } catch (error) {
    throw await explained(error, file)
  }
}

async function importProjectModule(file: string, env: NodeJS.ProcessEnv): Promise<Exports> {
  if (!extname(file).endsWith('ts')) {
    try {
      return await importFile(file)
    } catch (error) {
      if (!NOT_FOR_NODE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  const folder = await cacheFolder(env)
  if (folder === undefined) return withPassingModule((await transpile(file)).code, importFile)
  const kept = await cachedModule(folder, file)
  return importFile(kept ?? (await keepModule(folder, file, await transpile(file))))
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
      message: `${file} is not JSON: ${(cause as Error).message}.`,
      hint: 'Mend the file, or use drizzle.config.ts.',
      exit: 2,
      where: { file },
      cause,
    })
  }
}

async function explained(error: unknown, file: string): Promise<OpsError> {
  const failure = (error as Partial<BuildFailure>).errors?.[0]
  if (failure) {
    const { location } = failure
    return new OpsError({
      code: 'config-syntax',
      message: `${location ? `${location.file} line ${location.line}` : file} cannot be compiled: ${failure.text}.`,
      hint: 'Mend that line; drizzle-kit reads the same file.',
      exit: 2,
      where: {
        file,
        ...(location ? { line: location.line, column: location.column + 1, excerpt: location.lineText } : {}),
      },
      cause: error,
    })
  }
  const place = await thrownAt(error, file)
  return new OpsError({
    code: 'config-throws',
    message: `${place.file}${place.line ? ` line ${place.line}` : ''} threw: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).',
    exit: 2,
    where: place,
    cause: error,
  })
}
