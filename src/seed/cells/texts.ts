import { type Cell, textual } from './cell.ts'
import type { Making } from './making.ts'
import { languageOf } from './patterns.ts'
import { permutation } from './random.ts'
import { PLAIN, type Speech, token, writerOf } from './writers.ts'

/** Text that fits the column's name, its length and what its CHECKs say. */
export function textFor(table: string, column: string, speech: Speech): Cell {
  const { limits, distinct, source, attempt } = speech
  const most = Math.min(speech.length ?? 10_000, limits.maxLength ?? 10_000)
  const least = limits.minLength ?? 0
  if (limits.regex !== undefined && attempt === 0) {
    const cell = patterned(limits.regex, most, speech)
    if (cell) return cell
  }
  if (limits.like !== undefined && attempt === 0) return likened(limits.like, speech)
  const write = PLAIN[attempt - 1] ?? writerOf(table, column)
  if (write === token && most >= 32 && least <= 32) return textual(row => token(speech, row))
  const text = (row: number) => {
    const whole = write(speech, row)
    const cut = distinct ? numbered(whole, row, most) : whole.slice(0, most).trimEnd()
    return cut.length >= least ? cut : cut.padEnd(least, token({ ...speech, source }, row))
  }
  return distinct && most < SEPARATED ? { ...textual(text), most: 36 ** most } : textual(text)
}

/** From so many characters on there is room for a word before the number. */
const SEPARATED = 10

/**
 * The row's number makes it unlike all others, before the `@` of an address and before the ending of a path. It
 * follows the last hyphen, so that no two texts of different numbers are the same.
 */
function numbered(text: string, row: number, most: number): string {
  const number = row.toString(36)
  if (most < SEPARATED) return number.padStart(Math.min(most, 2), '0').slice(-most)
  const at = text.indexOf('@')
  const cut = at >= 0 ? at : text.endsWith('.ts') ? text.length - 3 : text.length
  const tail = `-${number}${text.slice(cut)}`
  if (tail.length > most) return `-${number}`
  return text.slice(0, Math.min(cut, most - tail.length)) + tail
}

/** Strings of a regular expression; undefined where it could not be read. */
function patterned(regex: string, longest: number, { source, distinct }: Making): Cell | undefined {
  const language = languageOf(regex, longest)
  if (!language) return undefined
  const size = Math.min(language.size, 2 ** 51)
  if (!distinct) return textual(row => language.nth(Math.floor(source.share(row) * size)))
  const place = permutation(source, size)
  return { ...textual(row => language.nth(place(row % size))), most: size }
}

function likened(pattern: string, { source, distinct }: Making): Cell {
  return textual(row => {
    const word = distinct ? row.toString(36) : source.bits(row).toString(36)
    return pattern.replaceAll('%', word).replaceAll('_', 'x')
  })
}
