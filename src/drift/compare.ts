import type { Side } from './side.ts'
import { type Id, idOf, named, type Thing, type Value } from './thing.ts'

export interface Sides {
  readonly expected: Side
  readonly found: Side
}

/** One thing that is other than expected, and what is so only because of it. */
export type Change = Missing | Unexpected | Altered

export interface Missing {
  readonly change: 'missing'
  readonly thing: Thing
  /** What went with it: the index of a column, the view of a table. */
  readonly gone: readonly Thing[]
  /** What else is other than expected because of it: the default that drew from a sequence. */
  readonly altered: readonly Altered[]
}

export interface Unexpected {
  readonly change: 'unexpected'
  readonly thing: Thing
  readonly gone: readonly Thing[]
  readonly altered: readonly Altered[]
}

export interface Altered {
  readonly change: 'altered'
  /** As it should be, and as it is. */
  readonly thing: Thing
  readonly found: Thing
  readonly property: string
}

/** Every change by itself, in no order. */
export function compareSides(sides: Sides): Change[] {
  const { expected, found } = sides
  const altered = [...expected.things.values()].flatMap(thing =>
    alterations(thing, found.things.get(idOf(thing))),
  )
  const missing = only(expected, found, altered)
  const unexpected = only(found, expected, altered)
  const apart = altered.filter(each => !comesWithAnother(each, altered, sides))
  const causes = apart.map(each => causeOf(each, missing, unexpected, sides))
  const along = (id: Id) => apart.filter((_, at) => causes[at] === id)
  return [
    ...roots(missing, id => rootOfMissing(id, missing, expected)).map(
      ([root, gone]): Missing => ({ change: 'missing', thing: root, gone, altered: along(idOf(root)) }),
    ),
    ...roots(unexpected, id => rootOfUnexpected(id, unexpected, found)).map(
      ([root, gone]): Unexpected => ({ change: 'unexpected', thing: root, gone, altered: along(idOf(root)) }),
    ),
    ...apart.filter((_, at) => causes[at] === undefined),
  ]
}

type Things = ReadonlyMap<Id, Thing>

/** A partition by itself has columns of its own, which it had from its table. */
function only(one: Side, other: Side, altered: readonly Altered[]): Things {
  const moved = new Set<Id | null>(
    altered.filter(({ property }) => property === 'parents').map(({ thing }) => idOf(thing)),
  )
  return new Map([...one.things].filter(([id, { owner }]) => !other.things.has(id) && !moved.has(owner)))
}

function alterations(thing: Thing, found: Thing | undefined): Altered[] {
  if (!found) return []
  return Object.keys(thing.properties)
    .filter(property => !isSame(thing.properties[property], found.properties[property]))
    .map(property => ({ change: 'altered', thing, found, property }))
}

function isSame(one: Value | undefined, other: Value | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Each of the things that went by themselves, with those that went along. */
function roots(things: Things, rootOf: (id: Id) => Id): [Thing, Thing[]][] {
  const groups = new Map<Id, Thing[]>()
  for (const id of things.keys()) {
    const root = rootOf(id)
    const list = groups.get(root) ?? []
    groups.set(root, list)
    const thing = things.get(id)
    if (id !== root && thing) list.push(thing)
  }
  return [...groups].flatMap(([id, gone]) => {
    const thing = things.get(id)
    return thing ? [[thing, gone] as [Thing, Thing[]]] : []
  })
}

/** What needs something that is not there cannot be there either: DROP … CASCADE took it along. */
function rootOfMissing(id: Id, missing: Things, { needs }: Side): Id {
  const seen = new Set<Id>([id])
  let at = id
  for (;;) {
    const owner = missing.get(at)?.owner
    const next =
      owner && missing.has(owner) && !seen.has(owner)
        ? owner
        : [...(needs.get(at) ?? [])].find(each => missing.has(each) && !seen.has(each))
    if (next === undefined) return at
    seen.add(next)
    at = next
  }
}

/** What a DROP takes along without CASCADE: the parts of a thing, and what hangs on a column of the same table. */
function rootOfUnexpected(id: Id, unexpected: Things, { needs, things }: Side): Id {
  let at = id
  for (;;) {
    const thing = unexpected.get(at)
    const owner = thing?.owner
    const column = [...(needs.get(at) ?? [])].find(
      each => unexpected.has(each) && each.startsWith('column:') && things.get(each)?.owner === owner,
    )
    const next = owner && unexpected.has(owner) ? owner : thing && goesWithColumn(thing) ? column : undefined
    if (next === undefined) return at
    at = next
  }
}

function goesWithColumn({ kind }: Thing): boolean {
  return kind === 'constraint' || kind === 'index'
}

const CASTS = /::(?:"[^"]*"|[\w.]|\(\d+(?:,\d+)?\)|\[\]| (?:varying|precision|(?:with|without) time zone))+/g
const PARENTHESES = /[()]/g

/** An expression less its casts, which follow the types of its columns. */
function withoutCasts(value: Value | undefined): string {
  return JSON.stringify(value ?? null)
    .replace(CASTS, '')
    .replace(PARENTHESES, '')
}

/** Whether PostgreSQL itself made this change when somebody made another one. */
function comesWithAnother(
  { thing, found, property }: Altered,
  all: readonly Altered[],
  { expected }: Sides,
): boolean {
  const has = (id: Id | null, wanted: string) =>
    all.some(each => each.property === wanted && idOf(each.thing) === id)
  const needed = [...(expected.needs.get(idOf(thing)) ?? [])]
  const isSameElsewhere = (moved: Altered) =>
    moved.thing.kind === 'extension' &&
    needed.includes(idOf(moved.thing)) &&
    isSame(thing.properties[property], inSchema(found.properties[property], moved))
  if (has(thing.owner, 'parents') || all.some(isSameElsewhere)) return true
  if (withoutCasts(thing.properties[property]) !== withoutCasts(found.properties[property])) return false
  if (property === 'default') return has(idOf(thing), 'type')
  return needed.some(id => has(id, 'type'))
}

/** With the names of an extension's own things as they are in the schema where it should be. */
function inSchema(value: Value | undefined, { thing, found }: Altered): Value | undefined {
  const [before, after] = [found, thing].map(({ properties }) => named(String(properties.schema)))
  return typeof value === 'string' ? value.replaceAll(`${before}.`, `${after}.`) : value
}

/** The thing that is missing or unexpected, and has changed something that is there. */
function causeOf(
  { thing, found, property }: Altered,
  missing: Things,
  unexpected: Things,
  { expected }: Sides,
): Id | undefined {
  if (thing.kind !== 'column') return undefined
  if (property === 'default' && found.properties.default === null) {
    const gone = [...(expected.needs.get(idOf(thing)) ?? [])].find(id => missing.has(id))
    return gone && rootOfMissing(gone, missing, expected)
  }
  if (property !== 'nullable' || thing.properties.nullable !== 'NULL') return undefined
  const key = [...unexpected.values()].find(
    each =>
      each.kind === 'constraint' && each.shape === 'p' && each.owner === thing.owner && holds(each, thing),
  )
  return key && idOf(key)
}

/** A primary key makes its columns NOT NULL. */
function holds(key: Thing, column: Thing): boolean {
  const name = column.object.slice((column.owner ?? '').length - 'table:'.length + 1)
  const inside = String(key.properties.definition).replace(KEY, '')
  return inside.split(', ').includes(name)
}

const KEY = /^PRIMARY KEY \(|\).*$/g
