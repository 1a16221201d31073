import { type Cell, textual } from './cell.ts'
import type { Dictionaries } from './dictionaries.ts'
import { languageOf } from './patterns.ts'
import { permutation } from './random.ts'
import type { Making } from './scalars.ts'

/** Words for one row; `part` tells several of one row apart. */
interface Speech extends Making {
  readonly words: Dictionaries
  /** How often what usually stands in such a column did not meet its CHECKs. */
  readonly attempt: number
}

type Writer = (speech: Speech, row: number) => string

const pick = ({ source }: Speech, list: readonly string[], row: number, draw = 0) =>
  list[source.below(row, list.length, draw)] ?? ''

const lower = (text: string) => text.toLowerCase().replaceAll(' ', '-')

const person: Writer = (speech, row) =>
  `${pick(speech, speech.words.firstNames, row)} ${pick(speech, speech.words.lastNames, row, 1)}`

/** `from` is the first of five draws. */
const sentenceOf = (speech: Speech, row: number, from: number) => {
  const { adjectives, nouns, verbs } = speech.words
  const word = (list: readonly string[], at: number) => pick(speech, list, row, from + at)
  return `The ${word(adjectives, 0)} ${word(nouns, 1)} can ${word(verbs, 2)} the ${word(adjectives, 3)} ${word(nouns, 4)}.`
}

const sentence: Writer = (speech, row) => sentenceOf(speech, row, 0)

const paragraph: Writer = (speech, row) =>
  `${sentenceOf(speech, row, 0)} ${sentenceOf(speech, row, 10)} ${sentenceOf(speech, row, 20)}`

const label: Writer = (speech, row) =>
  `${pick(speech, speech.words.adjectives, row)} ${pick(speech, speech.words.nouns, row, 1)}`

const slug: Writer = (speech, row) => lower(label(speech, row))

const path: Writer = (speech, row) =>
  `src/${lower(pick(speech, speech.words.nouns, row))}/${lower(pick(speech, speech.words.verbs, row, 1))}.ts`

const token: Writer = ({ source }, row) =>
  [0, 1, 2, 3].map(draw => source.bits(row, draw).toString(16).padStart(8, '0')).join('')

const email: Writer = (speech, row) =>
  `${pick(speech, speech.words.firstNames, row)}.${pick(speech, speech.words.lastNames, row, 1)}@example.com`.toLowerCase()

const domain: Writer = (speech, row) => `${slug(speech, row)}.example.com`

const url: Writer = (speech, row) =>
  `https://${domain(speech, row)}/${lower(pick(speech, speech.words.nouns, row, 2))}`

const code: Writer = (speech, row) =>
  `export function ${camel(pick(speech, speech.words.verbs, row))}() {\n  return '${label(speech, row)}'\n}\n`

const html: Writer = (speech, row) => `<p>${sentence(speech, row)}</p>`

const camel = (text: string) =>
  text.toLowerCase().replace(/[^a-z]+(.)/g, (_, letter: string) => letter.toUpperCase())

/** By the column's name; the first that fits. */
const WRITERS: readonly (readonly [RegExp, Writer])[] = [
  [/e_?mail/i, email],
  [/(^|_)(token|secret|hash|password|key|sha|iv|tag|digest|nonce|value)$/i, token],
  [/(^|_)(first_?name|given_?name)$/i, (speech, row) => pick(speech, speech.words.firstNames, row)],
  [/(^|_)(last_?name|family_?name|surname)$/i, (speech, row) => pick(speech, speech.words.lastNames, row)],
  [/user_?name|login|nick|handle/i, (speech, row) => lower(person(speech, row))],
  [/(url|uri|link|website|image|avatar|picture)$/i, url],
  [/domain|host/i, domain],
  [/slug|permalink/i, slug],
  [/(^|_)(path|file|filename)$/i, path],
  [/html/i, html],
  [/(^|_)(code|source)$/i, code],
  [/(^|_)(description|bio|summary|about|content|body|text|message|notes?|comment|log)$/i, paragraph],
  [
    /job|position|profession|occupation/i,
    (speech, row) => `${pick(speech, speech.words.areas, row)} ${pick(speech, speech.words.jobs, row, 1)}`,
  ],
  [
    /(^|_)(action|event|operation|verb)$/i,
    (speech, row) => pick(speech, ['create', 'update', 'delete', 'sign_in'], row),
  ],
  [
    /(^|_)(table|schema|column|model|entity)(_name)?$/i,
    (speech, row) => pick(speech, ['users', 'projects', 'orders', 'files'], row),
  ],
  [/(^|_)scopes?$/i, (speech, row) => pick(speech, ['read', 'write', 'read write', 'admin'], row)],
  [/(^|_)identifier$/i, email],
  [
    /mime_?type|content_?type/i,
    (speech, row) => pick(speech, ['text/plain', 'application/json', 'image/png'], row),
  ],
  [/(^|_)(language|framework)$/i, (speech, row) => pick(speech, ['typescript', 'python', 'go', 'rust'], row)],
  [
    /version/i,
    ({ source }, row) => `${source.below(row, 4)}.${source.below(row, 20, 1)}.${source.below(row, 10, 2)}`,
  ],
  [/(error|stack|output|changes|reason|question|answer|prompt|instructions?|feedback)$/i, sentence],
  [/(^|_)(title|subject|headline|label|page_name)$/i, label],
  [/company|organi[sz]ation|vendor/i, (speech, row) => `${pick(speech, speech.words.companies, row)} Ltd`],
  [/(^|_)city$/i, (speech, row) => pick(speech, speech.words.cities, row)],
  [/country_?code/i, (speech, row) => pick(speech, speech.words.countryCodes, row)],
  [/country/i, (speech, row) => pick(speech, speech.words.countries, row)],
  [
    /(^|_)ip(_address)?$/i,
    ({ source }, row) =>
      `10.${source.below(row, 256)}.${source.below(row, 256, 1)}.${source.below(row, 256, 2)}`,
  ],
  [
    /street|address/i,
    (speech, row) =>
      `${speech.source.below(row, 200, 2) + 1} ${pick(speech, speech.words.lastNames, row)} ${pick(speech, speech.words.streets, row, 1)}`,
  ],
  [/zip|postal|postcode/i, ({ source }, row) => String(10_000 + source.below(row, 90_000))],
  [
    /phone|mobile|fax/i,
    ({ source }, row) => `+1555${String(source.below(row, 10_000_000)).padStart(7, '0')}`,
  ],
  [
    /user_?agent/i,
    ({ source }, row) => `Mozilla/5.0 (X11; Linux x86_64) Firefox/${100 + source.below(row, 40)}.0`,
  ],
  [/time_?zone/i, (speech, row) => pick(speech, speech.words.timeZones, row)],
  [/locale|lang/i, (speech, row) => pick(speech, ['en', 'de', 'fr', 'ja', 'pt'], row)],
  [/currency/i, (speech, row) => pick(speech, ['EUR', 'USD', 'JPY', 'GBP'], row)],
  [/colou?r/i, (speech, row) => pick(speech, speech.words.colors, row)],
  [/branch/i, (speech, row) => pick(speech, ['main', 'next', 'stable'], row)],
  [/(^|_)(status|state)$/i, (speech, row) => pick(speech, ['active', 'pending', 'done'], row)],
  [
    /(^|_)(role|type|kind|category|level)$/i,
    (speech, row) => pick(speech, ['standard', 'basic', 'premium'], row),
  ],
  [/product|item|sku/i, (speech, row) => pick(speech, speech.words.products, row)],
  [/provider/i, (speech, row) => pick(speech, ['google', 'github', 'credential'], row)],
  [/(^|_)name$/i, (speech, row) => pick(speech, [person(speech, row)], row)],
  [/_?id$/i, token],
]

/** Of tables of people a name is a person's, of all others a thing's. */
const NAME = /^(display_|full_)?name$/i
const PEOPLE = /user|person|people|member|customer|author|employee|contact/i

const NO_LETTER = /[^a-z]/g
const word: Writer = (speech, row) =>
  pick(speech, speech.words.nouns, row).toLowerCase().replace(NO_LETTER, '')
const digits: Writer = ({ source }, row) => String(source.bits(row))

/** What is tried where the usual does not meet the CHECKs. */
const PLAIN: readonly Writer[] = [word, email, digits, token]
export const ATTEMPTS = PLAIN.length

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
  const named = NAME.test(column) && !PEOPLE.test(table) ? label : undefined
  const usual = named ?? WRITERS.find(([pattern]) => pattern.test(column))?.[1] ?? label
  const write = PLAIN[attempt - 1] ?? usual
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
