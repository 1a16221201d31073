import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorPlace, OpsError } from '../errors.ts'
import { thrownAt } from '../project/origin.ts'

/** esbuild's `/app/schema.ts:5:0: ERROR: text` and jiti's `ParseError: text \n /app/schema.ts:5:0`. */
const UNREADABLE = [
  /^(?<file>\/.+):(?<line>\d+):(?<column>\d+): ERROR: (?<text>.+)$/m,
  /^ParseError: (?<text>.+?)\s*\n\s*(?<file>\/.+):(?<line>\d+):(?<column>\d+)/,
]
const UNRESOLVED = /^Cannot find module '(.+)'\nRequire stack:\n- (.+)/
const OURSELVES = dirname(fileURLToPath(import.meta.url))

/** Why the schema's files cannot be loaded, told of the user's own file where it can be known. */
export async function schemaError(error: Error, version: string): Promise<OpsError> {
  const { message } = error
  const syntax = UNREADABLE.map(pattern => pattern.exec(message)?.groups).find(groups => groups)
  if (syntax) {
    const { file = '', line, column, text } = syntax
    const where = { file, line: Number(line), column: Number(column) + 1 }
    return told(`${placed(where)} cannot be compiled: ${text}.`, 'Mend that line.', error, where)
  }
  const [, module, importer] = UNRESOLVED.exec(message) ?? []
  if (module !== undefined && importer !== undefined) {
    const hint = 'Install the package, or correct the path; aliases are read from tsconfig.json.'
    return told(`${importer} imports "${module}", which cannot be found.`, hint, error, { file: importer })
  }
  const where = await thrownAt(error, '')
  if (where.line !== undefined && dirname(where.file) !== OURSELVES) {
    const hint = 'If it misses a variable, set it in the environment or in an env file (--env-file <file>).'
    return told(`${placed(where)} threw: ${message}`, hint, error, where)
  }
  const [first = '', ...rest] = message.split('\n').filter(line => line.trim() !== '')
  const hint = rest[0]?.trim() ?? 'Mend the file that it names.'
  return told(`drizzle-kit ${version} could not load the schema: ${first}`, hint, error)
}

function told(message: string, hint: string, cause: Error, where?: ErrorPlace): OpsError {
  return new OpsError({ code: 'schema', message, hint, exit: 2, where, cause })
}

function placed({ file, line }: ErrorPlace): string {
  return `${file} line ${line}`
}
