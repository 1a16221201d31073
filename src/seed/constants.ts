import type { Node } from 'libpg-query'
import { as, words } from '../sql/tree.ts'

/** Without the casts that the server writes round everything. */
export function bare(node: Node | undefined): Node | undefined {
  const cast = as('TypeCast', node)
  return cast ? bare(cast.arg) : node
}

export function numberOf(node: Node | undefined): number | undefined {
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
  return numberIn(constant.sval?.sval ?? '')
}

/** A number's text as the number, an instant's as milliseconds: in UTC where it names no zone. */
export function numberIn(text: string): number | undefined {
  const [, day, time = '00:00:00', zone = 'Z'] = INSTANT.exec(text) ?? []
  if (day !== undefined) return Date.parse(`${day}T${time}${HOURS.test(zone) ? `${zone}:00` : zone}`)
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
}

/** As the server writes it, `2031-01-01 00:00:00+00`, or as ISO 8601 has it. */
const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[ T]([\d:.]+))?(Z|[+-]\d\d(?::?\d\d)?)?$/
const HOURS = /^[+-]\d\d$/

const OF_TIME = /DATE|TIMESTAMP/

/** `now()` and its like, and a day's beginning. */
export function isNow(node: Node | undefined): boolean {
  const inner = bare(node)
  const name = words(as('FuncCall', inner)?.funcname).at(-1) ?? ''
  return (
    OF_TIME.test(as('SQLValueFunction', inner)?.op ?? '') || ['now', 'transaction_timestamp'].includes(name)
  )
}

export function textOf(node: Node | undefined): string | undefined {
  return as('A_Const', bare(node))?.sval?.sval ?? (as('A_Const', bare(node))?.sval ? '' : undefined)
}

/** The constants of `ANY (ARRAY[…])` or `IN (…)`. */
export function textsOf(node: Node | undefined): string[] | undefined {
  const inner = bare(node)
  const items = as('A_ArrayExpr', inner)?.elements ?? as('List', inner)?.items
  const texts = items?.map(item => textOf(item) ?? numberOf(item)?.toString())
  return texts?.every(text => text !== undefined) ? (texts as string[]) : undefined
}
