import { bookkeepingTables } from '../migrations/bookkeeping.ts'
import type { Project } from '../project/project.ts'
import { type Change, compareSides, type Sides } from './compare.ts'
import type { Difference } from './difference.ts'
import { type Ignoring, withOwners } from './ignore.ts'
import { mendAll } from './mend.ts'
import type { Renamed } from './names.ts'
import type { Rename } from './renames.ts'
import { SHADOW_MARK } from './scratch/shadow.ts'
import type { Side, SideOptions } from './side.ts'
import { type Id, idFor, idOf, type Thing } from './thing.ts'

/** Our own tables beside drizzle's. */

/** What the live database holds otherwise than the migrations make it, each with the SQL that mends it. */
export function databaseDifferences(expected: Renamed, found: Side, ignore: Ignoring): Difference[] {
  const sides = { expected: expected.side, found }
  const changes = compareSides(sides).filter(
    ({ thing }) => !ignore.passes(withOwners(idOf(thing), ownerIn(sides))),
  )
  const renames = expected.renames.filter(
    ({ expected, found }) =>
      !ignore.passes([expected, found].flatMap(thing => [idOf(thing), thing.owner ?? []].flat())),
  )
  return [
    ...mendAll(changes, sides).map(({ change, sql }) => ({ ...told(change), sql })),
    // what comes before them speaks of things by the names that were found
    ...renames.toReversed().map(renamed),
  ]
}

function renamed({ expected, found }: Rename): Difference {
  const { kind, object, name } = expected
  const sql = found.rename(name)
  return {
    comparison: 'database',
    kind,
    object,
    property: 'name',
    expected: name,
    found: found.name,
    along: [],
    sql: sql && `${sql};`,
  }
}

export function sideOptions(project: Project, privileges: boolean): SideOptions {
  return { outside: outsideOf(project), privileges }
}

/** Drizzle's history, our own, the schema that holds them, and what marks a shadow database. */
function outsideOf({ migrationsTable: history }: Project): Id[] {
  return [
    ...bookkeepingTables(history).map(name => idFor('table', history.schema, name)),
    ...(history.schema === 'public' ? [] : [idFor('schema', history.schema)]),
    idFor('schema', SHADOW_MARK),
  ]
}

function ownerIn({ expected, found }: Sides): (id: Id) => Id | null {
  return id => (expected.things.get(id) ?? found.things.get(id))?.owner ?? null
}

function told(change: Change): Omit<Difference, 'sql'> {
  const { kind, object, summary } = change.thing
  const own = { comparison: 'database', kind, object } as const
  switch (change.change) {
    case 'missing':
      return { ...own, property: null, expected: summary, found: null, along: along(change.gone) }
    case 'unexpected':
      return { ...own, property: null, expected: null, found: summary, along: along(change.gone) }
    default: {
      const { property, thing, found } = change
      return {
        ...own,
        property,
        expected: thing.properties[property] ?? null,
        found: found.properties[property] ?? null,
        along: [],
      }
    }
  }
}

/** Those that are no part of another thing. */
function along(gone: readonly Thing[]): string[] {
  return gone
    .filter(({ owner }) => owner === null || owner.startsWith('schema:'))
    .map(({ kind, object }) => `${kind} ${object}`)
}
