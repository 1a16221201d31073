import type { A_Expr, Node } from 'libpg-query'
import { as, words } from '../sql/tree.ts'

/** What a column's values have to keep to, as far as its CHECKs could be read. */
export interface Limits {
  readonly minimum?: number
  readonly maximum?: number
  readonly allowed?: readonly string[]
  readonly forbidden?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  /** A LIKE pattern, or a regular expression. */
  readonly like?: string
  readonly regex?: string
}

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

/** Reads the conditions of CHECKs. `parse` gives the tree of an expression; `value` is the column that VALUE stands for. */
export function rulesOf(
  expressions: readonly { readonly sql: string; readonly value?: string }[],
  parse: (expression: string) => Node | undefined,
): Rules {
  const limits = new Map<string, Limits>()
  const below: Below[] = []
  const unread: string[] = []
  for (const { sql, value } of expressions) {
    for (const condition of conditionsOf(parse(sql))) {
      const found = readCondition(condition, value)
      if (!found) unread.push(sql)
      else if ('lower' in found) below.push(found)
      else limits.set(found.column, merged(limits.get(found.column) ?? {}, found.limits))
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

function readCondition(node: Node | undefined, value: string | undefined): ColumnLimits | Below | undefined {
  const expression = as('A_Expr', node)
  if (!expression) return undefined
  const [operator = ''] = words(expression.name)
  const column = columnOf(expression.lexpr, value)
  if (column !== undefined) return readOf(column, operator, expression, value)
  const measured = measuredColumn(expression.lexpr, value)
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
  const number = numberOf(rexpr)
  if (number !== undefined) return bound(column, operator, number)
  return text !== undefined && operator === '=' ? { column, limits: { allowed: [text] } } : undefined
}

/** Whole steps: what is below 10 is at most 9 here, and at most 9 is right for fractions as well. */
function bound(column: string, operator: string, number: number): ColumnLimits | undefined {
  switch (operator) {
    case '>=':
      return { column, limits: { minimum: number } }
    case '>':
      return { column, limits: { minimum: Math.floor(number) + 1 } }
    case '<=':
      return { column, limits: { maximum: number } }
    case '<':
      return { column, limits: { maximum: Math.ceil(number) - 1 } }
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
  const { minimum, maximum } = found.limits
  return {
    column,
    limits: {
      ...(minimum !== undefined && { minLength: minimum }),
      ...(maximum !== undefined && { maxLength: maximum }),
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

/** Without the casts that the server writes round everything. */
function bare(node: Node | undefined): Node | undefined {
  const cast = as('TypeCast', node)
  return cast ? bare(cast.arg) : node
}

function numberOf(node: Node | undefined): number | undefined {
  const inner = bare(node)
  const negated = as('A_Expr', inner)
  if (negated && !negated.lexpr && words(negated.name)[0] === '-') {
    const positive = numberOf(negated.rexpr)
    return positive === undefined ? undefined : -positive
  }
  const constant = as('A_Const', inner)
  if (!constant) return undefined
  if (constant.ival) return constant.ival.ival ?? 0
  if (constant.fval) return Number(constant.fval.fval)
  const text = constant.sval?.sval
  return text !== undefined && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
}

function textOf(node: Node | undefined): string | undefined {
  return as('A_Const', bare(node))?.sval?.sval ?? (as('A_Const', bare(node))?.sval ? '' : undefined)
}

/** The constants of `ANY (ARRAY[…])` or `IN (…)`. */
function textsOf(node: Node | undefined): string[] | undefined {
  const inner = bare(node)
  const items = as('A_ArrayExpr', inner)?.elements ?? as('List', inner)?.items
  const texts = items?.map(item => textOf(item) ?? numberOf(item)?.toString())
  return texts?.every(text => text !== undefined) ? (texts as string[]) : undefined
}

function merged(one: Limits, other: Limits): Limits {
  return {
    ...one,
    ...other,
    ...(one.minimum !== undefined &&
      other.minimum !== undefined && { minimum: Math.max(one.minimum, other.minimum) }),
    ...(one.maximum !== undefined &&
      other.maximum !== undefined && { maximum: Math.min(one.maximum, other.maximum) }),
    ...(one.allowed &&
      other.allowed && { allowed: one.allowed.filter(each => other.allowed?.includes(each)) }),
  }
}
