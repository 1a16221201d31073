import type { Dictionaries } from './dictionaries.ts'
import type { Making } from './making.ts'

/** Words for one row; `part` tells several of one row apart. */
export interface Speech extends Making {
  readonly words: Dictionaries
  /** How often what usually stands in such a column did not meet its CHECKs. */
  readonly attempt: number
}

export type Writer = (speech: Speech, row: number) => string

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

export const label: Writer = (speech, row) =>
  `${pick(speech, speech.words.adjectives, row)} ${pick(speech, speech.words.nouns, row, 1)}`

const slug: Writer = (speech, row) => lower(label(speech, row))

const path: Writer = (speech, row) =>
  `src/${lower(pick(speech, speech.words.nouns, row))}/${lower(pick(speech, speech.words.verbs, row, 1))}.ts`

export const token: Writer = ({ source }, row) =>
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

/** What usually stands in such a column. */
export function writerOf(table: string, column: string): Writer {
  if (NAME.test(column) && !PEOPLE.test(table)) return label
  return WRITERS.find(([pattern]) => pattern.test(column))?.[1] ?? label
}

const NO_LETTER = /[^a-z]/g
const word: Writer = (speech, row) =>
  pick(speech, speech.words.nouns, row).toLowerCase().replace(NO_LETTER, '')
const digits: Writer = ({ source }, row) => String(source.bits(row))

/** What is tried where the usual does not meet the CHECKs. */
export const PLAIN: readonly Writer[] = [word, email, digits, token]
export const ATTEMPTS = PLAIN.length
