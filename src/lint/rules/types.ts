import type { ColumnDef } from 'libpg-query'
import { quoted } from '../../database/identifier.ts'
import type { Column } from '../../sql/relations.ts'
import { as, typeName } from '../../sql/tree.ts'
import { afterCommand, onCommand, type Rule, type Rules } from '../rule.ts'
import type { Alteration, Problem, Scene } from '../scene.ts'
import { allowed, together } from '../sql.ts'

const ZONE_CHANGES = ['timestamp>timestamptz', 'timestamptz>timestamp']
const NEW_TYPE = /\bTYPE\s+(.*?)(?:\s+USING\b.*)?$/is

interface Change extends Alteration {
  readonly column: string
  readonly definition: ColumnDef
  readonly from: Column['type'] | undefined
  /** The new type as it is written. */
  readonly type: string
  /** The new type's name in the catalog. */
  readonly to: string
  readonly isArray: boolean
}

export const typeRules: Rules = {
  'type-change-needs-using': onChange(change => {
    if (!change.from?.type || change.definition.raw_default) return []
    const { table, column, from, to, type, head, rest, isArray } = change
    if (isArray || from.type?.element !== '0' || !needsUsing(from.type.name, to)) return []
    return [
      {
        table,
        level: 'error',
        message: `PostgreSQL turns ${from.type.name} into ${type} only if it is told how: without USING the statement fails.`,
        fix: together(...rest).concat(
          rest.length > 0 ? '\n--> statement-breakpoint\n' : '',
          allowed(
            'type-change-rewrites',
            `${head} ALTER COLUMN ${quoted(column)} SET DATA TYPE ${type} USING ${quoted(column)}::${type}`,
          ),
        ),
      },
    ]
  }),

  'type-change-narrows': onChange(change => {
    const loss = lossOf(change)
    return loss === undefined ? [] : [{ table: change.table, message: loss, fix: expanded(change) }]
  }),

  'timestamp-zone-change': onChange((change, scene) => {
    const { table, column, from, to, rest } = change
    if (change.definition.raw_default || scene.inUtc) return []
    if (!ZONE_CHANGES.includes(`${from?.type?.name}>${to}`)) return []
    return [
      {
        table,
        message: `The times in ${column} of ${table.name} are taken for times of the session's zone, and Drizzle's timestamp() holds UTC: where the session is elsewhere every time shifts.`,
        fix: together(...rest, "SET LOCAL TIME ZONE 'UTC'", scene.step.sql),
      },
    ]
  }),

  'type-change-rewrites': afterCommand(['AT_AlterColumnType'], (alteration, { effects }) => {
    const { rewrites, scans } = effects
    const change = changeOf(alteration)
    if (!change || rewrites.length + scans.length === 0) return []
    const { table, column } = change
    return [
      {
        table,
        message:
          rewrites.length > 0
            ? `All of ${table.name} is written anew in the new type of ${column} while nobody else can read or write it. Add a column beside it, write both, fill it in batches, then change over.`
            : `The new type of ${column} has an index built anew or a check read again on all of ${table.name} while nobody else can read or write it.`,
        fix: expanded(change),
      },
    ]
  }),
}

function onChange(find: (change: Change, scene: Scene) => readonly Problem[]): Rule {
  return onCommand('AT_AlterColumnType', (alteration, scene) => {
    const change = changeOf(alteration)
    return change ? find(change, scene) : []
  })
}

function changeOf(alteration: Alteration): Change | undefined {
  const definition = as('ColumnDef', alteration.command.def)
  if (!definition) return undefined
  const column = alteration.command.name ?? ''
  return {
    ...alteration,
    column,
    definition,
    from: alteration.table.columns.get(column)?.type,
    type: NEW_TYPE.exec(alteration.text)?.[1] ?? '',
    to: typeName(definition.typeName).name,
    isArray: (definition.typeName?.arrayBounds?.length ?? 0) > 0,
  }
}

function expanded({ head, column, type, rest }: Change): string {
  return together(...rest, `${head} ADD COLUMN ${quoted(`${column}_new`)} ${type}`)
}

const STRINGS = ['text', 'varchar', 'bpchar', 'name', 'char']
const INTEGERS = ['int2', 'int4', 'int8']
const FRACTIONS = ['float4', 'float8', 'numeric']

/** Whether no assignment cast leads from the one type to the other. */
function needsUsing(from: string, to: string): boolean {
  if (from === to || STRINGS.includes(to)) return false
  const numbers = [...INTEGERS, ...FRACTIONS]
  return (
    STRINGS.includes(from) ||
    (from === 'bool' && numbers.includes(to)) ||
    (to === 'bool' && numbers.includes(from)) ||
    (numbers.includes(from) &&
      (to === 'uuid' || to === 'timestamp' || to === 'timestamptz' || to === 'date')) ||
    (from === 'uuid' && numbers.includes(to))
  )
}

function lossOf({ table, column, from, to, definition, type }: Change): string | undefined {
  const old = from?.type?.name
  if (!from || !old) return undefined
  const place = `${column} of ${table.name}`
  if (FRACTIONS.includes(old) && INTEGERS.includes(to))
    return `${type} holds no fractions: the values in ${place} are rounded for ever.`
  if (INTEGERS.includes(old) && INTEGERS.indexOf(to) >= 0 && INTEGERS.indexOf(to) < INTEGERS.indexOf(old))
    return `${type} ends before ${old} does: the change fails if ${place} holds a greater number, and later when it grows to one.`
  if ((old === 'timestamp' || old === 'timestamptz') && (to === 'date' || to === 'time'))
    return `${type} holds less than ${old}: the rest of the times in ${place} is gone for ever.`
  if (old === 'float8' && to === 'float4') return `real holds 6 digits of the 15 in ${place}.`
  const [length = Number.POSITIVE_INFINITY] = from.modifiers
  const wanted = limitOf(definition)
  if (STRINGS.includes(old) && STRINGS.includes(to) && wanted !== undefined && wanted < length)
    return `The change fails if ${place} holds a text longer than ${wanted} characters.`
  return undefined
}

function limitOf({ typeName }: ColumnDef): number | undefined {
  return as('A_Const', typeName?.typmods?.[0])?.ival?.ival
}
