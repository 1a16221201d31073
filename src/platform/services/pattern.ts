/** A LIKE pattern for text that stands anywhere, its own wildcards taken as they are. */
export function containing(text: string): string {
  return `%${text.replace(WILDCARDS, '\\$&')}%`
}

const WILDCARDS = /[\\%_]/g
