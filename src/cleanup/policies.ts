import { InvalidArgumentError } from 'commander'
import { OpsError } from '../errors.ts'
import { duration } from '../options.ts'
import type { Project } from '../project/project.ts'
import { suggestion } from '../suggestion.ts'

/** What `ops.cleanup` says, read and checked. */
export type Policy = AgePolicy | OrphanPolicy

interface Named {
  readonly name: string
  /** As the config writes it: `sessions` or `auth.sessions`. */
  readonly table: string
  /** In the database, or in TypeScript. */
  readonly column: string
}

export interface AgePolicy extends Named {
  readonly kind: 'age'
  /** Milliseconds before the run. */
  readonly olderThan: number
  readonly keepLast: { readonly per: string; readonly rows: number } | null
  readonly dropPartitions: boolean
}

export interface OrphanPolicy extends Named {
  readonly kind: 'orphans'
  readonly references: { readonly table: string; readonly column: string }
}

/**
 * The policies of these names, all where none is named, in the config's order; `olderThan` in milliseconds replaces
 * what they say. Throws OpsError, exit 2: `policies-missing`, `policy-unknown` or `policy-invalid`.
 */
export function readPolicies(project: Project, names: readonly string[], olderThan?: number): Policy[] {
  const written = Object.entries(project.ops.cleanup ?? {})
  if (written.length === 0) throw none(project.configFile)
  const known = written.map(([name]) => name)
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined) throw unknownPolicy(unknown, known)
  return written
    .filter(([name]) => names.length === 0 || names.includes(name))
    .map(([name, policy]) => read(name, policy, olderThan))
}

function read(name: string, written: object, olderThan: number | undefined): Policy {
  const policy = written as Readonly<Record<string, unknown>>
  const unknown = Object.keys(policy).find(key => !KEYS.includes(key))
  if (unknown !== undefined) throw invalid(name, `has an unknown key ${unknown}`, suggestion(unknown, KEYS))
  const { table, column, references, keepLast, dropPartitions } = policy
  if (typeof table !== 'string' || typeof column !== 'string')
    throw invalid(name, 'needs a table and a column', EXAMPLE)
  if (isReference(references)) return { kind: 'orphans', name, table, column, references }
  if (keepLast !== undefined && !isKept(keepLast))
    throw invalid(
      name,
      'needs a column and a number of rows under keepLast',
      "Write keepLast: { per: 'user_id', rows: 20 }.",
    )
  return {
    kind: 'age',
    name,
    table,
    column,
    olderThan: olderThan ?? age(name, policy.olderThan),
    keepLast: keepLast ?? null,
    dropPartitions: dropPartitions === true,
  }
}

const KEYS = ['table', 'column', 'olderThan', 'keepLast', 'dropPartitions', 'references']
const EXAMPLE = "Write { table: 'sessions', column: 'expires_at', olderThan: '0s' }."

function age(name: string, written: unknown): number {
  try {
    return duration(String(written))
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw invalid(name, `has no age under olderThan (${String(written)})`, error.message)
  }
}

function isReference(value: unknown): value is OrphanPolicy['references'] {
  const { table, column } = (value ?? {}) as Record<string, unknown>
  return typeof table === 'string' && typeof column === 'string'
}

function isKept(value: unknown): value is { per: string; rows: number } {
  const { per, rows } = (value ?? {}) as Record<string, unknown>
  return typeof per === 'string' && Number.isInteger(rows) && Number(rows) > 0
}

function none(configFile: string): OpsError {
  return new OpsError({
    code: 'policies-missing',
    message: `${configFile} has no policies under ops.cleanup, so there is nothing to clean up.`,
    hint: 'drizzle-ops cleanup list suggests policies for the tables that it finds.',
    exit: 2,
  })
}

function unknownPolicy(name: string, known: readonly string[]): OpsError {
  return new OpsError({
    code: 'policy-unknown',
    message: `ops.cleanup has no policy ${name}.`,
    hint: suggestion(name, known, `There are ${known.join(', ')}.`),
    exit: 2,
  })
}

function invalid(name: string, why: string, hint: string): OpsError {
  return new OpsError({
    code: 'policy-invalid',
    message: `The policy ${name} of ops.cleanup ${why}.`,
    hint,
    exit: 2,
  })
}
