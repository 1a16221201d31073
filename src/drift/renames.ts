import type { Side } from './side.ts'
import { type Id, idOf, named, type Thing } from './thing.ts'

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
  const [wanted, held] = [contentsOf(expected), contentsOf(found)]
  const alike = (one: Thing, other: Thing) =>
    one.kind === other.kind &&
    one.owner === other.owner &&
    shareMost(wanted.get(idOf(one)) ?? new Set(), held.get(idOf(other)) ?? new Set())
  return gone.filter(isContainer).flatMap(thing => {
    const [partner, ...more] = come.filter(each => alike(thing, each))
    const rivals = partner ? gone.filter(each => each !== thing && alike(each, partner)) : []
    return partner && more.length + rivals.length === 0 ? [{ expected: thing, found: partner }] : []
  })
}

/** What each schema holds, and the columns of each table. */
function contentsOf({ things }: Side): Map<Id, Set<string>> {
  const contents = new Map<Id, Set<string>>()
  for (const { kind, name, summary, owner } of things.values()) {
    if (owner === null || (owner.startsWith('table:') && kind !== 'column')) continue
    const held = contents.get(owner) ?? new Set()
    contents.set(owner, held.add(kind === 'column' ? `${name} ${summary}` : `${kind} ${name}`))
  }
  return contents
}

function shareMost(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
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
