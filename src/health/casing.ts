const WORDS = /[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+/g

/** As Drizzle's `casing: 'snake_case'` makes a column's name of a property's. */
export function snakeCase(property: string): string {
  return (property.match(WORDS) ?? []).join('_').toLowerCase()
}

/** As its `casing: 'camelCase'` does. */
export function camelCase(property: string): string {
  return (property.match(WORDS) ?? [])
    .map((word, index) => {
      const lower = word.toLowerCase()
      return index === 0 ? lower : lower.charAt(0).toUpperCase() + lower.slice(1)
    })
    .join('')
}
