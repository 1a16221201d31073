import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Definitions, readDefinitions } from '../../src/catalog/definitions/read.ts'
import { databaseDifferences, sideOptions } from '../../src/drift/database.ts'
import type { Comparison, Difference } from '../../src/drift/difference.ts'
import { ignoring } from '../../src/drift/ignore.ts'
import { sideOf } from '../../src/drift/side.ts'
import { projectWith } from './context.ts'
import type { TestDatabase } from './databases.ts'
import { connected } from './planning.ts'
import { documentOf, type Outcome, ops, type ProgramOptions } from './program.ts'

/** As much of drift's document as tests take apart. */
export interface DriftDocument {
  readonly status: string
  readonly comparisons: readonly Comparison[]
  readonly scratch: string | null
  readonly differences: readonly Difference[]
  readonly ignored: number
  readonly unusedIgnores: readonly string[]
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
}

/** `drift --json` in the test's own process. */
export async function driftOf(
  options: ProgramOptions,
  ...flags: string[]
): Promise<Outcome & { readonly document: DriftDocument }> {
  const outcome = await ops(['drift', '--json', ...flags], options)
  return { ...outcome, document: documentOf<DriftDocument>(outcome) }
}

export function definitionsOf(database: Pick<TestDatabase, 'url'>): Promise<Definitions> {
  return connected(database, readDefinitions)
}

/** What drift tells of a database, without a project around it. */
export async function differencesFrom(
  expected: Definitions,
  database: Pick<TestDatabase, 'url'>,
  { privileges = false, ignore = [] as readonly string[] } = {},
): Promise<Difference[]> {
  const options = sideOptions(projectWith({}), privileges)
  const found = sideOf(await definitionsOf(database), options)
  const ignored = ignoring(ignore, 'drizzle.config.ts')
  return databaseDifferences({ side: sideOf(expected, options), renames: [] }, found, ignored)
}

/** `column public.users.email type` */
export function inWords({ kind, object, property }: Difference): string {
  return [kind, object, property].filter(word => word !== null).join(' ')
}

/** Something of every kind. */
export function catalogOn(major: number): string {
  const catalog = readFileSync(join(import.meta.dirname, '../drift/catalog.sql'), 'utf8')
  return major < 15 ? catalog.replace(' NULLS NOT DISTINCT', '') : catalog
}
