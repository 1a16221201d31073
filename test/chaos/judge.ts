import { type Migration, stepsOf } from './migrations.ts'
import type { Picture } from './picture.ts'
import type { Row } from './project.ts'
import type { Ended, Ending, Tool } from './tools.ts'

export interface Violation {
  readonly kind:
    | 'doubled'
    | 'lost'
    | 'half-applied'
    | 'recorded twice'
    | 'out of order'
    | 'invalid index'
    | 'catalog differs'
    | 'lock kept'
    | 'failed'
    | 'hung'
    | 'never done'
    | 'skipped in silence'
    | 'not refused'
    | 'changed something'
    | 'untrue'
    | 'broken'
  readonly detail: string
}

/** What differs after a success from the picture of an undisturbed run. `rows` is what drizzle would have recorded, in order. */
export function differences(found: Picture, undisturbed: Picture, rows: readonly Row[]): Violation[] {
  const state = [
    ...effects(found, undisturbed),
    ...records(found.rows, rows),
    ...found.invalidIndexes.map((name): Violation => ({ kind: 'invalid index', detail: name })),
  ]
  if (state.length > 0 || found.catalog === undisturbed.catalog) return state
  return [{ kind: 'catalog differs', detail: firstDifference(found.catalog, undisturbed.catalog) }]
}

function effects(found: Picture, undisturbed: Picture): Violation[] {
  const steps = [...new Set([...found.steps, ...undisturbed.steps])].flatMap(step =>
    compared(times(found.steps, step), times(undisturbed.steps, step), step),
  )
  return steps.length > 0 ? steps : compared(found.counter ?? 0, undisturbed.counter ?? 0, 'counter')
}

function compared(found: number, expected: number, what: string): Violation[] {
  if (found === expected) return []
  return [{ kind: found > expected ? 'doubled' : 'lost', detail: `${what}: ${found} instead of ${expected}` }]
}

function records(found: readonly Row[], expected: readonly Row[]): Violation[] {
  const known = expected.map(record)
  const there = found.map(record)
  const wrong = [...new Set([...known, ...there])].flatMap((each): Violation[] => {
    const [is, should] = [times(there, each), times(known, each)]
    if (is === should) return []
    return [
      {
        kind: is > should ? 'recorded twice' : 'skipped in silence',
        detail: `${each}: ${is} instead of ${should}`,
      },
    ]
  })
  if (wrong.length > 0 || known.join() === there.join()) return wrong
  return [{ kind: 'out of order', detail: there.join(', ') }]
}

function record({ hash, created_at }: Row): string {
  return `${created_at} ${hash.slice(0, 8)}`
}

function times(all: readonly string[], one: string): number {
  return all.filter(each => each === one).length
}

function firstDifference(found: string, expected: string): string {
  const [is, should] = [found.split('\n'), expected.split('\n')]
  const more = is.find(line => !should.includes(line))
  const less = should.find(line => !is.includes(line))
  return [more && `has ${more}`, less && `lacks ${less}`].filter(Boolean).join('; ')
}

/** Files that are there in part, or recorded without being there, or the reverse: whatever moment it is. */
export function halves(found: Picture, migrations: readonly Migration[], rows: readonly Row[]): Violation[] {
  const recorded = new Set(found.rows.map(record))
  return migrations.flatMap((migration, index): Violation[] => {
    const steps = stepsOf(migration)
    const counts = steps.map(step => times(found.steps, step))
    const row = rows[index]
    const isRecorded = row !== undefined && recorded.has(record(row))
    if (counts.some(count => count > 1)) return [{ kind: 'doubled', detail: migration.name }]
    if (migration.online && !isRecorded) return []
    if (counts.every(count => count === Number(isRecorded))) return []
    const detail = `${migration.name} is ${isRecorded ? '' : 'not '}recorded with ${counts.join(', ')} of its steps`
    return [{ kind: 'half-applied', detail }]
  })
}

interface Document {
  readonly applied?: readonly { readonly name: string }[]
  readonly error?: { readonly code: string; readonly message: string }
}

/** Whether what a run told of itself is what the database shows. */
export function lies(
  tool: Tool,
  ended: Ended,
  ending: Ending,
  found: Picture,
  migrations: readonly Migration[],
  rows: readonly Row[],
): Violation[] {
  if (ended.hung) return [{ kind: 'hung', detail: told(ended) }]
  const recorded = new Set(found.rows.map(record))
  const missing = migrations.filter((_, index) => !recorded.has(record(rows[index] as Row)))
  if (ended.code === 0 && missing.length > 0)
    return [
      { kind: 'skipped in silence', detail: `exit 0 without ${missing.map(({ name }) => name).join(', ')}` },
    ]
  if (!tool.exits[ending].includes(ended.code)) return [{ kind: 'failed', detail: told(ended) }]
  if (tool.name !== 'drizzle-ops' || ended.code === null) return []
  const document = documentOf(ended)
  if (!document) return [{ kind: 'untrue', detail: `no document: ${told(ended)}` }]
  const claimed = document.applied?.filter(({ name }) => missing.some(each => each.name === name)) ?? []
  return claimed.map(({ name }) => ({ kind: 'untrue', detail: `${name} is told to be applied` }))
}

/** The one document that `--json` promises. */
export function documentOf({ stdout }: Ended): Document | undefined {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

export function told({ code, stdout, stderr }: Ended): string {
  return `exit ${code}: ${`${stdout.trim()} ${stderr.trim()}`.replaceAll(/\s+/g, ' ').slice(-600)}`
}
