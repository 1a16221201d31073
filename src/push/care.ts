import picomatch from 'picomatch'
import { isBookkeeping } from '../migrations/bookkeeping.ts'
import type { Entity } from '../migrations/derive-entities.ts'
import type { DrizzleConfig, Project } from '../project/project.ts'

type Placed = Pick<Entity, 'kind' | 'schema' | 'table' | 'name'>

/** Which objects the config has put under drizzle's care. */
export interface Care {
  /** Whether an object that the schema describes is meant: filters leave some out. */
  isMeant(entity: Placed): boolean
  /** Whether an object that the schema does not describe may be dropped: only where a filter names it. */
  mayDrop(entity: Placed): boolean
}

export function careOf({ config, migrationsTable }: Project): Care {
  const schemas = patterns(config.schemaFilter)
  const tables = patterns(config.tablesFilter)
  const isMeant = (entity: Placed) => {
    const { kind, schema, table, name } = entity
    const inSchema = kind === 'schemas' ? name : schema
    if (schemas && kind !== 'roles' && !schemas(inSchema)) return false
    const relation = table || (kind === 'tables' || kind === 'views' ? name : undefined)
    return !tables || relation === undefined || relation.startsWith('\0') || tables(relation)
  }
  return {
    isMeant,
    mayDrop: entity => {
      if (!schemas && !tables) return false
      const { kind, schema, name } = entity
      if (kind === 'roles' || (kind === 'schemas' && name === 'public')) return false
      const isOurs = isBookkeeping({ schema: String(schema), name }, migrationsTable)
      if (isOurs || (kind === 'schemas' && name === migrationsTable.schema)) return false
      const isBeyond = !schemas && (kind === 'schemas' ? name : schema) !== 'public'
      return !isBeyond && isMeant(entity)
    },
  }
}

/** As drizzle-kit reads them: names or globs, of which one with `!` leaves out. */
function patterns(filter: DrizzleConfig['schemaFilter']): ((name: string) => boolean) | undefined {
  const all = typeof filter === 'string' ? [filter] : (filter ?? [])
  if (all.length === 0) return undefined
  const taken = all.filter(each => !each.startsWith('!'))
  const left = all.filter(each => each.startsWith('!')).map(each => each.slice(1))
  const isTaken = taken.length === 0 ? () => true : picomatch(taken)
  const isLeft = left.length === 0 ? () => false : picomatch(left)
  return name => isTaken(name) && !isLeft(name)
}
