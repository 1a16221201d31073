import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { glob } from 'tinyglobby'
import type { Context } from '../command.ts'
import { OpsError } from '../errors.ts'
import type { Project } from '../project/project.ts'

const HERE = /^\.\//
const SCRIPTS = /\.[cm]?[jt]s$/

/**
 * The files that the config's `schema` names: paths, folders and globs, from the config's folder, or from the
 * working directory as drizzle-kit takes them. Throws OpsError `schema-missing`, exit 2.
 */
export async function schemaFiles(context: Context, project: Project): Promise<string[]> {
  const { schema } = project.config
  if (schema === undefined || schema.length === 0) throw missing(`${project.configFile} has no schema`)
  const patterns = typeof schema === 'string' ? [schema] : schema
  for (const folder of [project.root, context.cwd]) {
    const files = [...new Set((await Promise.all(patterns.map(each => filesOf(each, folder)))).flat())]
    if (files.length > 0) return files
  }
  throw missing(`No file matches the schema of ${project.configFile} (${patterns.join(', ')})`)
}

/** A folder stands for the files in it, one level deep. */
async function filesOf(pattern: string, folder: string): Promise<string[]> {
  const path = resolve(folder, pattern)
  if (existsSync(path) && statSync(path).isFile()) return [path]
  const isFolder = existsSync(path)
  const found = await glob(isFolder ? '*' : pattern.replace(HERE, ''), {
    cwd: isFolder ? path : folder,
    absolute: true,
    expandDirectories: false,
  })
  return found.filter(file => SCRIPTS.test(file)).sort()
}

function missing(what: string): OpsError {
  return new OpsError({
    code: 'schema-missing',
    message: `${what}.`,
    hint: "Write schema: './src/schema.ts' into the config: a path, a folder or a glob, or several.",
    exit: 2,
  })
}
