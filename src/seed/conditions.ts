import type { A_Expr, Node } from 'libpg-query'
import { as, words } from '../sql/tree.ts'
import { bothOf, type Limits } from './cells/limits.ts'
import { bare, isNow, numberOf, textOf, textsOf } from './constants.ts'

/** One column's value lies below another's. */
export interface Below {
  readonly lower: string
  readonly upper: string
}

/** What CHECKs say of a table's columns. */
export interface Rules {
  readonly limits: ReadonlyMap<string, Limits>
  readonly below: readonly Below[]
  /** Conditions that could not be read, as SQL: the server will tell whether the values meet them. */
  readonly unread: readonly string[]
}

/** An expression as SQL; in a domain's, VALUE stands for the column `value`. */
export interface Condition {
  readonly sql: string
  readonly value?: string
}

/** Gives the tree of an expression. */
export type ParseExpression = (expression: string) => Node | undefined

/** Reads the conditions of CHECKs, of domains and of partitions; `now` is what they take for the present. */
export function rulesOf(expressions: readonly Condition[], parse: ParseExpression, now: number): Rules {
  const limits = new Map<string, Limits>()
  const below: Below[] = []
  const unread: string[] = []
  for (const { sql, value } of expressions) {
    for (const condition of conditionsOf(parse(sql))) {
      const found = readCondition(condition, value, now)
      if (!found) unread.push(sql)
      else if ('lower' in found) below.push(found)
      else limits.set(found.column, bothOf(limits.get(found.column) ?? {}, found.limits))
    }
  }
  return { limits, below, unread: [...new Set(unread)] }
}

interface ColumnLimits {
  readonly column: string
  readonly limits: Limits
}

/** What has to be true at once. */
function conditionsOf(node: Node | undefined): (Node | undefined)[] {
  const both = as('BoolExpr', node)
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).flatMap(conditionsOf)
  if (both?.boolop === 'OR_EXPR') {
    // `x IS NULL OR …`: values are made that meet the rest
    const rest = (both.args ?? []).filter(arg => as('NullTest', arg)?.nulltesttype !== 'IS_NULL')
    if (rest.length === 1) return conditionsOf(rest[0])
  }
  if (as('NullTest', node)?.nulltesttype === 'IS_NOT_NULL') return []
  return [node]
}

const OPPOSITE: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '=': '<>' }

function readCondition(
  node: Node | undefined,
  value: string | undefined,
  now: number,
): ColumnLimits | Below | undefined {
  const denied = as('BoolExpr', node)
  const expression = as('A_Expr', denied?.boolop === 'NOT_EXPR' ? denied.args?.[0] : node)
  if (!expression || (denied && expression.kind !== 'AEXPR_OP')) return undefined
  const [written = ''] = words(expression.name)
  const operator = denied ? (OPPOSITE[written] ?? '') : written
  const column = columnOf(expression.lexpr, value)
  if (column !== undefined) return readOf(column, operator, expression, value, now)
  const measured = measuredColumn(expression.lexpr, value)
  if (measured !== undefined && expression.kind === 'AEXPR_BETWEEN') {
    const [least, most] = (as('List', expression.rexpr)?.items ?? []).map(numberOf)
    return least === undefined || most === undefined
      ? undefined
      : { column: measured, limits: { minLength: least, maxLength: most } }
  }
  const length = numberOf(expression.rexpr)
  if (measured !== undefined && length !== undefined) return lengthOf(measured, operator, length)
  const right = columnOf(expression.rexpr, value)
  const left = numberOf(expression.lexpr)
  return right !== undefined && left !== undefined ? bound(right, MIRRORED[operator] ?? '', left) : undefined
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

function readOf(
  column: string,
  operator: string,
  { kind, rexpr }: A_Expr,
  value: string | undefined,
  now: number,
): ColumnLimits | Below | undefined {
  if (kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_IN') {
    const allowed = textsOf(rexpr)
    return allowed && operator === '=' ? { column, limits: { allowed } } : undefined
  }
  if (kind === 'AEXPR_OP_ALL' && operator === '<>') {
    const forbidden = textsOf(rexpr)
    return forbidden && { column, limits: { forbidden } }
  }
  if (kind === 'AEXPR_BETWEEN') {
    const [low, high] = as('List', rexpr)?.items ?? []
    const minimum = numberOf(low)
    const maximum = numberOf(high)
    return minimum !== undefined && maximum !== undefined
      ? { column, limits: { minimum, maximum } }
      : undefined
  }
  const other = columnOf(rexpr, value)
  if (other !== undefined) {
    if (operator === '<' || operator === '<=') return { lower: column, upper: other }
    return operator === '>' || operator === '>=' ? { lower: other, upper: column } : undefined
  }
  const text = textOf(rexpr)
  if (text !== undefined && operator === '~~') return { column, limits: { like: text } }
  if (text !== undefined && (operator === '~' || operator === '~*'))
    return { column, limits: { regex: text } }
  if (text !== undefined && operator === '<>' && numberOf(rexpr) === undefined)
    return { column, limits: text === '' ? { minLength: 1 } : { forbidden: [text] } }
  const number = numberOf(rexpr) ?? (isNow(rexpr) ? now : undefined)
  if (number !== undefined) return bound(column, operator, number)
  return text !== undefined && operator === '=' ? { column, limits: { allowed: [text] } } : undefined
}

function bound(column: string, operator: string, number: number): ColumnLimits | undefined {
  switch (operator) {
    case '>=':
      return { column, limits: { minimum: number } }
    case '>':
      return { column, limits: { above: number } }
    case '<=':
      return { column, limits: { maximum: number } }
    case '<':
      return { column, limits: { below: number } }
    case '=':
      return { column, limits: { minimum: number, maximum: number } }
    case '<>':
      return { column, limits: { forbidden: [String(number)] } }
    default:
      return undefined
  }
}

function lengthOf(column: string, operator: string, length: number): ColumnLimits | undefined {
  const found = bound(column, operator, length)
  if (!found || found.limits.forbidden) return length === 0 ? { column, limits: { minLength: 1 } } : undefined
  const { minimum, maximum, above, below } = found.limits
  const least = above === undefined ? minimum : Math.floor(above) + 1
  const most = below === undefined ? maximum : Math.ceil(below) - 1
  return {
    column,
    limits: {
      ...(least !== undefined && { minLength: least }),
      ...(most !== undefined && { maxLength: most }),
    },
  }
}

const MEASURES = ['length', 'char_length', 'character_length']

/** Of `length(x)` and `length(btrim(x))` the column. */
function measuredColumn(node: Node | undefined, value: string | undefined): string | undefined {
  const call = as('FuncCall', bare(node))
  const name = words(call?.funcname).at(-1) ?? ''
  if (!MEASURES.includes(name)) return undefined
  const [argument] = call?.args ?? []
  const inner = as('FuncCall', bare(argument))
  return columnOf(inner ? inner.args?.[0] : argument, value)
}

function columnOf(node: Node | undefined, value: string | undefined): string | undefined {
  if (value !== undefined && isValue(bare(node))) return value
  const reference = as('ColumnRef', bare(node))
  const name = words(reference?.fields)
  return name.length === 1 ? (value !== undefined && name[0] === 'value' ? value : name[0]) : undefined
}

function isValue(node: Node | undefined): boolean {
  return as('SetToDefault', node) !== undefined
}
