import { isDeepStrictEqual } from 'node:util'
import { type Entity, type EntityKind, isSerial, keyOf } from './derive-entities.ts'
import { partsOf } from './derive-lexemes.ts'
import { type Action, readDdl } from './derive-reader.ts'
import { readScript } from './script.ts'

/** One statement of a migration file, and what it does as far as drizzle-kit would have written it. */
export interface FileStatement {
  readonly line: number
  readonly text: string
  readonly actions: readonly Action[] | undefined
}

/** The statements of a migration file, comments left out. */
export function statementsOf(text: string): FileStatement[] {
  return readScript(text).statements.flatMap(piece =>
    partsOf(piece.text).map(part => ({
      text: part.text,
      line: text.slice(0, piece.offset + part.offset).split('\n').length,
      actions: readDdl(part.text),
    })),
  )
}

/** Why SQL derived from the snapshots would not undo this file, or undefined where it does. */
export function handWritten(
  statements: readonly FileStatement[],
  before: readonly Entity[],
  after: readonly Entity[],
): string | undefined {
  if (statements.length === 0) return undefined
  if (isSame(before, after)) return 'it was written by hand: its snapshot changes nothing, and its SQL does'
  const known = [...before, ...after]
  const foreign = statements.find(
    ({ actions }) => !actions?.every(action => known.some(entity => isAbout(action, entity))),
  )
  if (!foreign) return undefined
  const excerpt = foreign.text.split('\n')[0] ?? ''
  return `line ${foreign.line} was added by hand, and the snapshots know nothing of it: ${excerpt}`
}

function isSame(before: readonly Entity[], after: readonly Entity[]): boolean {
  const values = new Map(before.map(entity => [keyOf(entity), entity.value]))
  return (
    before.length === after.length &&
    after.every(entity => isDeepStrictEqual(entity.value, values.get(keyOf(entity))))
  )
}

const CONSTRAINTS: readonly EntityKind[] = ['fks', 'pks', 'uniques', 'checks']

const ENTITY_KINDS: Readonly<Record<Action['kind'], readonly EntityKind[]>> = {
  schema: ['schemas'],
  type: ['enums'],
  sequence: ['sequences'],
  role: ['roles'],
  table: ['tables'],
  column: ['columns'],
  constraint: CONSTRAINTS,
  index: ['indexes'],
  policy: ['policies'],
  view: ['views'],
}

function isAbout(action: Action, entity: Entity): boolean {
  const { kind, schema, table, name } = action
  const onTable = entity.kind === 'tables' && entity.name === table && entity.schema === schema
  // row level security, and the primary key of one column, which version 7 does not name
  if (name === '' || (kind === 'constraint' && name === `${table}_pkey`)) return onTable
  if (kind === 'sequence' && isSerial(entity.value) && name === `${entity.table}_${entity.name}_seq`)
    return true
  if (!ENTITY_KINDS[kind].includes(entity.kind)) return false
  if (entity.name !== name && !(action.verb === 'rename' && entity.name === action.to)) return false
  // DROP INDEX does not say the table; a policy may be linked to a table of somebody else's
  return kind === 'policy' || table === '' ? true : entity.table === table && entity.schema === schema
}
