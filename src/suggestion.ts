import { distance } from 'fastest-levenshtein'

/** Of the longer word, as much may differ: beyond, a suggestion is a guess (`speed` is no slip for `settings`). */
const DIFFERENCE = 0.4
/** A shorter piece is in many names by chance. */
const PIECE = 3
const LISTED = 20

/**
 * What to type instead of a word that nobody knows: the name that it is a slip for, followed by `all`; where it is
 * none, `all` alone, or which names there are.
 */
export function suggestion(word: string, names: readonly string[], all?: string): string {
  const meant = nearest(word, names)
  if (meant === undefined) return all ?? listed(names)
  return `Did you mean ${meant}?${all === undefined ? '' : ` ${all}`}`
}

/** The name that a word is a slip for, or a piece of; undefined where none is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const written = word.toLowerCase()
  const near = names
    .map(name => ({ name, apart: distance(written, name.toLowerCase()) }))
    .filter(({ name, apart }) => isSlip(written, name, apart) || isPiece(written, name.toLowerCase()))
  return near.toSorted((one, other) => one.apart - other.apart)[0]?.name
}

function isSlip(written: string, name: string, apart: number): boolean {
  return apart <= DIFFERENCE * Math.max(written.length, name.length)
}

function isPiece(written: string, name: string): boolean {
  const [shorter = '', longer = ''] = [written, name].toSorted((one, other) => one.length - other.length)
  return shorter.length >= PIECE && longer.includes(shorter)
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'There are none.'
  const more = names.length - LISTED
  return `There are ${names.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}
