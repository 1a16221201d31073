import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { OpsError } from '../errors.ts'
import { isFile } from './is-file.ts'

const NAMES = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map(ending => `drizzle.config.${ending}`)

/**
 * The project's drizzle config: the file that was named, or the first drizzle.config.* in the working
 * directory or above it, up to the nearest package.json. Beyond that lies somebody else's code.
 */
export function findConfig(cwd: string, named: string | undefined): string | undefined {
  if (named !== undefined) return namedConfig(resolve(cwd, named))
  for (const folder of foldersOfPackage(cwd)) {
    const found = NAMES.map(name => resolve(folder, name)).find(isFile)
    if (found) return found
  }
  return undefined
}

function namedConfig(file: string): string {
  if (isFile(file)) return file
  throw new OpsError({
    code: 'config-missing',
    message: `There is no file ${file}.`,
    hint: 'Correct --config, or leave it out to use drizzle.config.* of this folder.',
    exit: 2,
  })
}

function foldersOfPackage(cwd: string): string[] {
  const folders = [cwd]
  let folder = cwd
  while (!existsSync(resolve(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) return [cwd]
    folder = parent
    folders.push(folder)
  }
  return folders
}

/** Thrown where a command cannot do without a project. */
export function configMissing(cwd: string): OpsError {
  return new OpsError({
    code: 'config-missing',
    message: `There is no drizzle.config.{ts,mts,cts,js,mjs,cjs,json} in ${cwd} or above it up to the nearest package.json.`,
    hint: 'Change into the project, or name the file with --config <file>.',
    exit: 2,
  })
}
