import { type Definitions, readDefinitions } from '../../src/catalog/definitions/read.ts'
import { databaseDifferences } from '../../src/drift/database.ts'
import type { Difference } from '../../src/drift/difference.ts'
import { ignoring } from '../../src/drift/ignore.ts'
import { projectWith } from './context.ts'
import type { TestDatabase } from './databases.ts'
import { connected } from './planning.ts'

export function definitionsOf(database: Pick<TestDatabase, 'url'>): Promise<Definitions> {
  return connected(database, readDefinitions)
}

/** What drift tells of a database, without a project around it. */
export async function differencesFrom(
  expected: Definitions,
  database: Pick<TestDatabase, 'url'>,
  { privileges = false, ignore = [] as readonly string[] } = {},
): Promise<Difference[]> {
  const found = await definitionsOf(database)
  return databaseDifferences(
    { expected, found },
    projectWith({}),
    ignoring(ignore, 'drizzle.config.ts'),
    privileges,
  )
}

/** `column public.users.email type` */
export function inWords({ kind, object, property }: Difference): string {
  return [kind, object, property].filter(word => word !== null).join(' ')
}
