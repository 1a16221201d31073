import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'dotenv'
import { OpsError } from '../errors.ts'
import { isFile } from './is-file.ts'

/** A file that was read, and the variables that it was the first to set. */
export interface EnvFile {
  readonly file: string
  readonly variables: readonly string[]
}

export interface EnvFilesWanted {
  readonly cwd: string
  /** The config's folder, searched before `cwd`. */
  readonly root: string
  /** `--env-file`, read before all others. */
  readonly named: readonly string[]
  /** `--environment` or NODE_ENV. */
  readonly environment: string | undefined
}

/** Adds the env files' variables to `env`: a later file never overrides an earlier one, none the real environment. */
export function loadEnvFiles(env: NodeJS.ProcessEnv, wanted: EnvFilesWanted): EnvFile[] {
  return filesOf(wanted).map(file => {
    const variables = Object.entries(parse(read(file)))
    const added = variables.filter(([name]) => env[name] === undefined)
    for (const [name, value] of added) env[name] = value
    return { file, variables: added.map(([name]) => name) }
  })
}

function filesOf({ cwd, root, named, environment }: EnvFilesWanted): string[] {
  const names = [
    ...(environment ? [`.env.${environment}.local`] : []),
    '.env.local',
    ...(environment ? [`.env.${environment}`] : []),
    '.env',
  ]
  const folders = [...new Set([root, cwd])]
  const found = folders.flatMap(folder => names.map(name => resolve(folder, name))).filter(isFile)
  return [...named.map(name => namedFile(resolve(cwd, name))), ...found]
}

function namedFile(file: string): string {
  if (existsSync(file)) return file
  throw new OpsError({
    code: 'env-file-missing',
    message: `There is no env file ${file}.`,
    hint: 'Correct --env-file, or leave it out: .env.local and .env beside the config are read by themselves.',
    exit: 2,
  })
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new OpsError({
      code: 'env-file-unreadable',
      message: `The env file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      hint: 'Let this user read it, or remove it: to go on without might be to go on with another database.',
      exit: 2,
      cause,
    })
  }
}
