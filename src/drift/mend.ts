import type { Altered, Change, Missing, Sides, Unexpected } from './compare.ts'
import { ordered } from './order.ts'
import { HOLDS_NO_ROWS, type Id, idOf, KINDS, type Kind, type Thing } from './thing.ts'

/** A change with the SQL that takes it back; null where only making the thing anew, with its rows, would. */
export interface Mended {
  readonly change: Change
  readonly sql: string | null
}

/** The changes in the order in which their SQL can run, each with its own. */
export function mendAll(changes: readonly Change[], sides: Sides): Mended[] {
  const order = orderOf(changes, sides)
  const places = foreignKeyPlaces(order, sides)
  return order.map(change => ({ change, sql: sqlOf(change, sides, places) }))
}

/** A foreign key of a missing table is made with the last of the tables that it needs. */
type Places = ReadonlyMap<Thing, Change>

function orderOf(changes: readonly Change[], { expected, found }: Sides): Change[] {
  const made = new Map<Id, Change>()
  const dropped = new Map<Id, Change>()
  for (const change of changes) {
    const ids = change.change === 'altered' ? [idOf(change.thing)] : [change.thing, ...change.gone].map(idOf)
    for (const id of ids) (change.change === 'unexpected' ? dropped : made).set(id, change)
  }
  const before = new Map<Change, Set<Change>>(changes.map(change => [change, new Set()]))
  const follow = (change: Change | undefined, first: Change | undefined) => {
    if (change && first && change !== first) before.get(change)?.add(first)
  }
  for (const change of changes) {
    // a partition must be as its table is
    if (change.change === 'altered' && change.property === 'parents')
      for (const other of changes) if (other.thing.owner === change.thing.owner) follow(change, other)
    for (const thing of partsOf(change)) {
      if (change.change !== 'unexpected' && !isForeignKey(thing, change))
        for (const id of expected.needs.get(idOf(thing)) ?? []) follow(change, made.get(id))
      if (change.change !== 'missing')
        for (const id of found.needs.get(idOf(thing)) ?? []) {
          follow(dropped.get(id), change)
          if (change.change === 'unexpected') follow(made.get(id), change)
        }
    }
  }
  return ordered(changes, change => before.get(change) ?? [], rankOf)
}

function partsOf(change: Change): readonly Thing[] {
  return change.change === 'altered' ? [change.thing] : [change.thing, ...change.gone]
}

function isForeignKey(thing: Thing, change: Change): boolean {
  return (
    thing.kind === 'constraint' &&
    thing.shape === 'f' &&
    change.change === 'missing' &&
    change.thing !== thing
  )
}

function rankOf({ change, thing }: Change): number {
  const kind = KINDS.indexOf(thing.kind)
  if (change === 'unexpected') return KINDS.length - kind
  return (change === 'altered' ? 100 : 200) + kind
}

function foreignKeyPlaces(order: readonly Change[], { expected }: Sides): Places {
  const places = new Map<Thing, Change>()
  for (const change of order) {
    if (change.change !== 'missing') continue
    for (const thing of change.gone) {
      if (!isForeignKey(thing, change)) continue
      const needed = [...(expected.needs.get(idOf(thing)) ?? [])]
      const last = order.filter(
        each =>
          each.change === 'missing' &&
          (each === change || partsOf(each).some(part => needed.includes(idOf(part)))),
      )
      places.set(thing, last.at(-1) ?? change)
    }
  }
  return places
}

function sqlOf(change: Change, sides: Sides, places: Places): string | null {
  const statements =
    change.change === 'missing'
      ? createSql(change, sides, places)
      : change.change === 'unexpected'
        ? dropSql(change, sides)
        : alterSql(change, sides)
  return statements?.map(statement => `${statement};`).join('\n') ?? null
}

function createSql(change: Missing, sides: Sides, places: Places): string[] {
  const elsewhere = [...places].filter(([thing, place]) => place !== change && change.gone.includes(thing))
  const here = [...places].filter(([thing, place]) => place === change && !change.gone.includes(thing))
  const things = [
    change.thing,
    ...change.gone.filter(thing => !elsewhere.some(([each]) => each === thing)),
    ...here.map(([thing]) => thing),
  ]
  const own = inOrder(things, sides)
  const made = new Set(own.map(idOf))
  const isInline = (thing: Thing) => thing.inline === true && thing.owner !== null && made.has(thing.owner)
  return [
    ...own.filter(thing => !isInline(thing)).flatMap(thing => thing.create()),
    ...own.flatMap(thing => thing.complete?.() ?? []),
    ...change.altered.flatMap(each => alterSql(each, sides) ?? []),
  ]
}

function dropSql(change: Unexpected, sides: Sides): string[] {
  return [change.thing.drop(), ...change.altered.flatMap(each => alterSql(each, sides) ?? [])]
}

function inOrder(things: readonly Thing[], { expected }: Sides): Thing[] {
  return ordered(
    things,
    thing => [...(expected.needs.get(idOf(thing)) ?? [])].flatMap(id => expected.things.get(id) ?? []),
    // a key first, which a foreign key may need
    ({ kind, shape }) => KINDS.indexOf(kind) + (kind === 'constraint' && shape === 'f' ? 0.5 : 0),
  )
}

/** Drops what stands in the way, and makes it again as it is expected. */
function alterSql({ thing, found, property }: Altered, sides: Sides): readonly string[] | null {
  const mend = thing.alter(property, found, usersOf(thing, sides))
  if (!mend) return null
  const lifted = liftedBy(idOf(thing), mend.lifts ?? [], sides)
  const again = lifted.flatMap(each => sides.expected.things.get(idOf(each)) ?? [])
  return [
    ...lifted.toReversed().map(each => each.drop()),
    ...mend.statements,
    ...again.flatMap(each => [...each.create(), ...(each.complete?.() ?? [])]),
  ]
}

/** What needs it on the live side, as it is expected where it is. */
function usersOf(thing: Thing, { expected, found }: Sides): Thing[] {
  return [...found.things].flatMap(([id, user]) =>
    found.needs.get(id)?.has(idOf(thing)) ? [expected.things.get(id) ?? user] : [],
  )
}

/** What needs a thing that was found, and what needs that, in the order in which it can be made. */
function liftedBy(id: Id, kinds: readonly Kind[], { found }: Sides): Thing[] {
  if (kinds.length === 0) return []
  const reached = new Set<Id>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const [user, needs] of found.needs) {
      const thing = found.things.get(user)
      if (!thing || user === id || reached.has(user) || !needs.has(next)) continue
      // past the first, everything that needs what is dropped
      if (!(next === id ? kinds : HOLDS_NO_ROWS).includes(thing.kind)) continue
      reached.add(user)
      open.push(user)
    }
  }
  const things = [...reached].flatMap(each => found.things.get(each) ?? [])
  return ordered(
    things,
    thing => [...(found.needs.get(idOf(thing)) ?? [])].flatMap(each => found.things.get(each) ?? []),
    ({ kind }) => KINDS.indexOf(kind),
  )
}
