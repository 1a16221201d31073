import { readDefinitions } from '../catalog/definitions/read.ts'
import type { Database } from '../database/database.ts'
import { OpsError } from '../errors.ts'
import { type Rename, renamesBetween } from './renames.ts'
import { type Side, type SideOptions, sideOf } from './side.ts'

export interface Renamed {
  /** What is expected, by the names that were found. */
  readonly side: Side
  /** In the order in which they were made in the scratch database. */
  readonly renames: readonly Rename[]
}

/** A schema, its tables, their columns and what names those: each shows only when the one before has its name. */
const ROUNDS = 5

/**
 * Renames in the scratch database what was renamed in the live one, so that PostgreSQL itself carries the names into
 * indexes, views and functions; dropping one and making the other would lose rows.
 */
export async function withFoundNames(scratch: Database, found: Side, options: SideOptions): Promise<Renamed> {
  let side = sideOf(await readDefinitions(scratch), options)
  const renames: Rename[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = renamesBetween(side, found)
    if (next.length === 0 || !(await renamed(scratch, next))) break
    renames.push(...next)
    side = sideOf(await readDefinitions(scratch), options)
  }
  return { side, renames }
}

/** False where a name is taken: then all stay what they are. */
async function renamed(scratch: Database, renames: readonly Rename[]): Promise<boolean> {
  try {
    await scratch.script(renames.map(({ expected, found }) => expected.rename(found.name)).join(';\n'))
    return true
  } catch (error) {
    if (error instanceof OpsError && error.exit === 1) return false
    throw error
  }
}
