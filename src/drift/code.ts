import type { Context } from '../command.ts'
import { type Kit, withKit } from '../kit/kit.ts'
import {
  type Entity,
  type EntityKind,
  entitiesOf,
  isOfTable,
  keyOf,
  nameOf,
  type Value as State,
  snapshotOf,
} from '../migrations/derive-entities.ts'
import { newestState } from '../migrations/derive-snapshots.ts'
import type { MigrationsFolder } from '../migrations/folder.ts'
import type { Project } from '../project/project.ts'
import type { Difference } from './difference.ts'
import type { Value } from './thing.ts'

const NEED = {
  what: 'Schema code and snapshots are compared by drizzle-kit',
  failed: 'could not compare the schema with the newest snapshot',
}

/** What the schema code holds otherwise than the newest snapshot: changes that no migration makes yet. */
export async function codeDifferences(
  context: Context,
  project: Project,
  folder: MigrationsFolder,
): Promise<Difference[]> {
  return withKit(
    context,
    project,
    NEED,
    async kit => {
      const [from, to] = [await newestState(folder, kit), await kit.code()]
      const { statements, questions } = await kit.difference(from, to)
      if (statements.length === 0 && questions.length === 0) return []
      return inSteps(kit, from, to)
    },
    folder.layout,
  )
}

/** One step from the snapshot to the code, which drizzle-kit need not ask about. */
interface Step {
  readonly told: Omit<Difference, 'sql' | 'comparison' | 'along'>
  apply(entities: readonly Entity[]): Entity[]
}

/** Each change by itself, with drizzle-kit's SQL for it. What makes no SQL is none. */
async function inSteps(kit: Kit, from: State, to: State): Promise<Difference[]> {
  const differences: Difference[] = []
  let entities = entitiesOf(from)
  let state = from
  for (const step of stepsBetween(entities, entitiesOf(to))) {
    entities = step.apply(entities)
    const next = snapshotOf(entities, to)
    const { statements } = await kit.difference(snapshotOf(entitiesOf(state), to), next)
    state = next
    if (statements.length > 0)
      differences.push({ comparison: 'code', ...step.told, along: [], sql: statements.join('\n') })
  }
  return differences
}

/** In the order in which they can be made. */
const KINDS: Record<EntityKind, Difference['kind']> = {
  schemas: 'schema',
  enums: 'enum',
  sequences: 'sequence',
  roles: 'role',
  tables: 'table',
  columns: 'column',
  indexes: 'index',
  pks: 'constraint',
  uniques: 'constraint',
  fks: 'constraint',
  checks: 'constraint',
  policies: 'policy',
  views: 'view',
  privileges: 'privilege',
}

function stepsBetween(before: readonly Entity[], after: readonly Entity[]): Step[] {
  const [old, wanted] = [byKey(before), byKey(after)]
  const made = inOrder(after.filter(entity => !old.has(keyOf(entity))))
  const gone = inOrder(before.filter(entity => !wanted.has(keyOf(entity)))).reverse()
  return [
    ...withoutParts(made).map(entity => making(entity, after)),
    ...inOrder(after).flatMap(entity => {
      const was = old.get(keyOf(entity))
      return was ? changing(entity, was) : []
    }),
    ...withoutParts(gone).map(removing),
  ]
}

function byKey(entities: readonly Entity[]): Map<string, Entity> {
  return new Map(entities.map(entity => [keyOf(entity), entity]))
}

function inOrder(entities: readonly Entity[]): Entity[] {
  const kinds = Object.keys(KINDS)
  return entities.toSorted((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind))
}

/** A table brings its parts along, and takes them along. */
function withoutParts(entities: readonly Entity[]): Entity[] {
  const tables = entities.filter(({ kind }) => kind === 'tables')
  return entities.filter(
    entity => entity.kind === 'tables' || !tables.some(table => isOfTable(entity, table)),
  )
}

function making(entity: Entity, all: readonly Entity[]): Step {
  const parts = all.filter(each => entity.kind === 'tables' && isOfTable(each, entity))
  const columns = parts.filter(({ kind }) => kind === 'columns').map(({ name }) => name)
  const expected = entity.kind === 'tables' ? `table (${columns.join(', ')})` : shortly(entity)
  return {
    told: { ...named(entity), property: null, expected, found: null },
    apply: entities => [...entities, entity, ...parts],
  }
}

function removing(entity: Entity): Step {
  const found = entity.kind === 'tables' ? 'table' : shortly(entity)
  const isGone = (each: Entity) =>
    keyOf(each) === keyOf(entity) || (entity.kind === 'tables' && isOfTable(each, entity))
  return {
    told: { ...named(entity), property: null, expected: null, found },
    apply: entities => entities.filter(each => !isGone(each)),
  }
}

/** One step for each property that differs. */
function changing(entity: Entity, was: Entity): Step[] {
  const keys = [...new Set([...Object.keys(entity.value), ...Object.keys(was.value)])]
  return keys
    .filter(key => inWords(entity.value[key]) !== inWords(was.value[key]))
    .map(key => ({
      told: {
        ...named(entity),
        property: key,
        expected: asValue(entity.value[key]),
        found: asValue(was.value[key]),
      },
      apply: entities =>
        entities.map(each =>
          keyOf(each) === keyOf(entity)
            ? { ...each, value: replaced(each.value, key, entity.value[key]) }
            : each,
        ),
    }))
}

function replaced(value: State, key: string, by: unknown): State {
  const { [key]: _, ...rest } = value
  return by === undefined ? rest : { ...rest, [key]: by }
}

function named(entity: Entity) {
  return { kind: KINDS[entity.kind], object: nameOf(entity) }
}

/** What it says beyond its name. */
function shortly({ value }: Entity): string {
  const { name, schema, table, entityType, ...rest } = value
  const said = Object.entries(rest).filter(
    ([, each]) => each !== null && each !== false && inWords(each) !== '{}',
  )
  return said.map(([key, each]) => `${key} ${typeof each === 'string' ? each : inWords(each)}`).join(', ')
}

function asValue(value: unknown): Value {
  if (value === undefined || value === null) return null
  return typeof value === 'string' || typeof value === 'boolean' ? value : inWords(value)
}

/** JSON with its keys in order. */
function inWords(value: unknown): string {
  return (
    JSON.stringify(value ?? null, (_, each) =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
        : each,
    ) ?? 'null'
  )
}
