const SPECIAL = /[.+^${}()|[\]\\]/g

/**
 * Whether a name is among those that patterns speak of: `app_*`, `!audit`. Without a pattern that takes in, all are
 * that none takes out.
 */
export function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const without = patterns.filter(isExcluding).map(pattern => expression(pattern.slice(1)))
  const within = patterns.filter(pattern => !isExcluding(pattern)).map(expression)
  return name =>
    (within.length === 0 || within.some(each => each.test(name))) && !without.some(each => each.test(name))
}

/** Whether the pattern takes names out. */
export function isExcluding(pattern: string): boolean {
  return pattern.startsWith('!')
}

function expression(pattern: string): RegExp {
  const text = pattern.replace(SPECIAL, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
  return new RegExp(`^${text}$`, 's')
}
