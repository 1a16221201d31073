import type { PartitionCmd } from 'libpg-query'
import { inherit } from '../change.ts'
import { type Draft, find, lock, lockAll, named, scan } from '../draft.ts'
import type { Relation } from '../relations.ts'
import { rangeName } from '../tree.ts'
import { copyIndex } from './keys.ts'

/** ATTACH PARTITION: the partition is read to see that its rows belong there, unless a check proves it. */
export function attachPartition(draft: Draft, parent: Relation, command: PartitionCmd | undefined): void {
  if (!command?.name) return
  const partition = named(draft, rangeName(command.name))
  if (parent.kind === 'partitioned index') attachIndex(draft, parent, partition)
  else attachTable(draft, parent, partition)
}

function attachTable(draft: Draft, parent: Relation, partition: Relation): void {
  lock(draft, partition, 'AccessExclusiveLock')
  scan(draft, partition)
  for (const index of parent.indexes) {
    lock(draft, index, 'ShareUpdateExclusiveLock')
    const own = [...partition.indexes].find(each => each.needs.join() === index.needs.join())
    inherit(own ?? copyIndex(draft, partition, index), index)
  }
  inherit(partition, parent)
}

function attachIndex(draft: Draft, parent: Relation, index: Relation): void {
  lock(draft, index, 'AccessExclusiveLock')
  if (parent.table) lock(draft, parent.table, 'AccessShareLock')
  if (index.table) lock(draft, index.table, 'AccessShareLock')
  inherit(index, parent)
}

export function detachPartition(draft: Draft, parent: Relation, command: PartitionCmd | undefined): void {
  const partition = find(draft, command?.name)
  if (!partition) return
  lock(draft, partition, 'AccessExclusiveLock')
  if (!command?.concurrent) lockAll(draft, partition.indexes, 'AccessExclusiveLock')
  partition.parents.delete(parent)
  parent.children.delete(partition)
}
