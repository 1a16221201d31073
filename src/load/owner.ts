import { listColumnKinds } from '../catalog/column-kinds.ts'
import type { Database } from '../database/database.ts'
import { literal, quoted } from '../database/identifier.ts'
import { OpsError } from '../errors.ts'
import { type Graph, type Reference, relationOf, shortName, type Table } from '../graph/graph.ts'
import type { Replacement } from './keys.ts'
import { stagedAs } from './partitions.ts'
import type { Loading } from './state.ts'
import { LINE, type LoadTable, stageOf, survivorsOf } from './tables.ts'

/**
 * Whose the imported rows become: the target's row of that key, in place of those that the root's rows belong to.
 * Throws OpsError, exit 2: `owner-ambiguous`, `owner-unknown`.
 */
export async function findOwner(loading: Loading, root: Table, key: string): Promise<Replacement> {
  const { database, graph, tables } = loading
  const reference = ownerReference(graph, root)
  const entry = tables.find(load => load.table === root && !load.matched)
  if (!reference || !entry) throw noOwner(root)
  const parts = reference.referenced.length === 1 ? [key] : key.split(',')
  const kinds = await listColumnKinds(database, [reference.to.oid])
  const isOwner = (row: string) =>
    reference.referenced
      .map((name, index) => {
        const type = kinds.find(kind => kind.name === name)?.type ?? 'text'
        return `${row}.${quoted(name)} = ${literal(parts[index] ?? '')}::${type}`
      })
      .join(' AND ')
  if (!(await exists(database, reference, isOwner))) throw ownerUnknown(reference.to, key)
  await replaceOwners(loading, entry, reference, isOwner)
  return { reference, isOwner, root: entry }
}

/** The rows of the archive that the owner stands for: those that root rows point to. They are not brought in. */
async function replaceOwners(
  loading: Loading,
  root: LoadTable,
  reference: Reference,
  isOwner: (row: string) => string,
): Promise<void> {
  const { database, tables, survived } = loading
  const children = stagedAs(loading, root, stageOf(root), 'child')
  for (const load of tables.filter(({ table, matched }) => table === reference.to && !matched)) {
    survived.add(load)
    await database.script(
      `INSERT INTO ${survivorsOf(load)} SELECT parent.${LINE}, owner.tableoid, owner.ctid, 'owner' FROM ${stageOf(load)} AS parent, ${relationOf(load.table)} AS owner WHERE ${isOwner('owner')} AND EXISTS (SELECT FROM ${children} WHERE ${reference.match('child', 'parent')})`,
    )
  }
}

async function exists(
  database: Database,
  { to }: Reference,
  isOwner: (row: string) => string,
): Promise<boolean> {
  try {
    const found = await database.script(`SELECT FROM ${relationOf(to)} AS owner WHERE ${isOwner('owner')}`)
    return found.length === 1
  } catch (error) {
    // a key that the type does not take is nobody's
    if (error instanceof OpsError && error.sqlstate?.startsWith('22')) return false
    throw error
  }
}

/** The reference that says whose a root row is: the one that must be there, if there is only one of the kind. */
function ownerReference({ references }: Graph, root: Table): Reference | undefined {
  const candidates = references.filter(
    ({ from, to, path }) => from === root && to !== root && path === undefined,
  )
  const required = candidates.filter(each => each.required)
  const chosen = required.length > 0 ? required : candidates
  return chosen.length === 1 ? chosen[0] : undefined
}

function noOwner(root: Table): OpsError {
  return new OpsError({
    code: 'owner-ambiguous',
    message: `No one reference of ${shortName(root)} says whose its rows are.`,
    hint: 'Write the key into the column itself: --set table.column=value.',
    exit: 2,
  })
}

function ownerUnknown(table: Table, key: string): OpsError {
  return new OpsError({
    code: 'owner-unknown',
    message: `This database has no row ${key} of ${shortName(table)} to own what is imported.`,
    hint: 'Look the key up; nothing was imported.',
    exit: 2,
  })
}
