/** One thing that a bug report needs, and which file, flag or query it comes from. */
export interface Fact {
  readonly name: string
  readonly value: string | number | boolean | null
  readonly source: string
}

export function fact(name: string, value: Fact['value'], source: string): Fact {
  return { name, value, source }
}
