import { OpsError } from '../errors.ts'
import { type Decisions, decide, type Question } from '../kit/rename.ts'
import { type Entity, entitiesOf, type Value } from '../migrations/derive-entities.ts'

/** What became what, by `Question.name`. */
type Renamed = ReadonlyMap<string, string>

/**
 * drizzle-kit 0.31 writes of a renamed column the rename and nothing else, while its snapshot holds all that is new:
 * the database would never hear of it. Throws OpsError `rename-only`.
 */
export function checkRenamedColumns(
  version: string,
  before: Value,
  code: Value,
  asked: readonly Question[],
  decisions: Decisions,
): void {
  const renamed = renamedOf(asked, decisions)
  const old = entitiesOf(before).filter(({ kind }) => kind === 'columns')
  for (const column of entitiesOf(code)) {
    const from = column.kind === 'columns' ? renamed.get(`${column.table}.${column.name}`) : undefined
    if (from === undefined) continue
    const was = old.find(each => isNamed(each, from, renamed.get(column.table)))
    const changes = was ? changesOf(was.value, column.value, renamed) : []
    if (changes.length > 0) throw renameOnly(version, from, changes)
  }
}

function renamedOf(asked: readonly Question[], decisions: Decisions): Renamed {
  return new Map(
    asked.flatMap(question => {
      const from = decide(question, decisions)
      return from ? [[question.name, from]] : []
    }),
  )
}

/** drizzle-kit names the table as it is called now. */
function isNamed({ table, name }: Entity, from: string, oldTable = ''): boolean {
  const dot = from.lastIndexOf('.')
  return name === from.slice(dot + 1) && [from.slice(0, dot), oldTable].includes(table)
}

function changesOf(was: Value, is: Value, renamed: Renamed): string[] {
  const keys = new Set([...Object.keys(was), ...Object.keys(is)])
  keys.delete('name')
  if (renamed.get(String(is.type)) === was.type) keys.delete('type')
  return [...keys].filter(key => JSON.stringify(was[key]) !== JSON.stringify(is[key]))
}

function renameOnly(version: string, column: string, changes: readonly string[]): OpsError {
  return new OpsError({
    code: 'rename-only',
    message: `drizzle-kit ${version} would write the rename of ${column} and forget what else changes of it (${changes.join(', ')}).`,
    hint: 'Make two migrations: rename the column alone first, then change it.',
  })
}
