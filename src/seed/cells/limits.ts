/** What a column's values have to keep to, as far as its CHECKs could be read. */
export interface Limits {
  /** Numbers, of instants milliseconds since 1970. */
  readonly minimum?: number
  readonly maximum?: number
  /** The same, less the bound itself. */
  readonly above?: number
  readonly below?: number
  readonly allowed?: readonly string[]
  readonly forbidden?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  /** A LIKE pattern, or a regular expression. */
  readonly like?: string
  readonly regex?: string
}

/** The narrower of each. */
export function bothOf(one: Limits, other: Limits): Limits {
  const largest = (name: 'minimum' | 'above' | 'minLength') =>
    one[name] !== undefined && other[name] !== undefined && { [name]: Math.max(one[name], other[name]) }
  const smallest = (name: 'maximum' | 'below' | 'maxLength') =>
    one[name] !== undefined && other[name] !== undefined && { [name]: Math.min(one[name], other[name]) }
  return {
    ...one,
    ...other,
    ...largest('minimum'),
    ...largest('above'),
    ...largest('minLength'),
    ...smallest('maximum'),
    ...smallest('below'),
    ...smallest('maxLength'),
    ...(one.forbidden && other.forbidden && { forbidden: [...one.forbidden, ...other.forbidden] }),
    ...(one.allowed &&
      other.allowed && { allowed: one.allowed.filter(each => other.allowed?.includes(each)) }),
  }
}
