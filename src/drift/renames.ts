import type { Side } from './side.ts'
import { idOf, named, type Thing } from './thing.ts'

/** Something that is there by another name. */
export interface Rename {
  readonly expected: Thing
  readonly found: Thing
}

/** What is missing and unexpected in the same place and alike, where no other could be meant. */
export function renamesBetween(expected: Side, found: Side): Rename[] {
  const [gone, come] = [onlyIn(expected, found), onlyIn(found, expected)]
  return [...containers(gone, come, expected, found), ...others(gone, come)]
}

/** Those that could have another name, in places that both sides have. */
function onlyIn({ things }: Side, other: Side): Thing[] {
  return [...things.values()].filter(
    thing =>
      !other.things.has(idOf(thing)) &&
      (thing.owner === null || other.things.has(thing.owner) || !things.has(thing.owner)) &&
      thing.rename('') !== null,
  )
}

function isContainer({ kind }: Thing): boolean {
  return kind === 'schema' || kind === 'table'
}

/** Tables and schemas that share more than half of what they hold. */
function containers(gone: readonly Thing[], come: readonly Thing[], expected: Side, found: Side): Rename[] {
  const partners = (thing: Thing, side: Side, candidates: readonly Thing[], theirs: Side) => {
    const parts = partsOf(thing, side)
    return candidates.filter(
      each =>
        each.kind === thing.kind && each.owner === thing.owner && areAlike(parts, partsOf(each, theirs)),
    )
  }
  return gone.filter(isContainer).flatMap(thing => {
    const [partner, ...more] = partners(thing, expected, come, found)
    if (!partner || more.length > 0 || partners(partner, found, gone, expected).length > 1) return []
    return [{ expected: thing, found: partner }]
  })
}

function partsOf(thing: Thing, { things }: Side): Set<string> {
  const id = idOf(thing)
  const parts = [...things.values()].filter(({ owner }) => owner === id)
  return new Set(
    thing.kind === 'schema'
      ? parts.map(({ kind, name }) => `${kind} ${name}`)
      : parts.filter(({ kind }) => kind === 'column').map(({ name, summary }) => `${name} ${summary}`),
  )
}

function areAlike(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const shared = [...one].filter(part => other.has(part)).length
  return shared * 2 > Math.max(one.size, other.size)
}

/** All else must be the same in all but its name. */
function others(gone: readonly Thing[], come: readonly Thing[]): Rename[] {
  const found = byLikeness(come)
  return [...byLikeness(gone)].flatMap(([likeness, [thing, ...more]]) => {
    const [partner, ...rivals] = found.get(likeness) ?? []
    return thing && partner && more.length + rivals.length === 0 ? [{ expected: thing, found: partner }] : []
  })
}

function byLikeness(things: readonly Thing[]): Map<string, Thing[]> {
  const groups = new Map<string, Thing[]>()
  for (const thing of things) {
    if (isContainer(thing)) continue
    const { kind, owner, properties, name } = thing
    const own = Object.values(properties).map(value =>
      typeof value === 'string' ? value.replace(named(name), '') : value,
    )
    const likeness = JSON.stringify([kind, owner, own])
    groups.set(likeness, [...(groups.get(likeness) ?? []), thing])
  }
  return groups
}
