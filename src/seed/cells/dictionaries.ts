import { faker } from '@faker-js/faker/locale/en'

/**
 * Faker's own words. Calling it for each cell makes 81,000 rows a second; picking from its lists by number is five
 * times as quick, and a cell depends on nothing but its number.
 */
export interface Dictionaries {
  readonly firstNames: readonly string[]
  readonly lastNames: readonly string[]
  readonly cities: readonly string[]
  readonly countries: readonly string[]
  readonly countryCodes: readonly string[]
  readonly streets: readonly string[]
  readonly companies: readonly string[]
  readonly jobs: readonly string[]
  readonly areas: readonly string[]
  readonly words: readonly string[]
  readonly nouns: readonly string[]
  readonly adjectives: readonly string[]
  readonly verbs: readonly string[]
  readonly products: readonly string[]
  readonly timeZones: readonly string[]
  readonly colors: readonly string[]
}

export function dictionaries(): Dictionaries {
  const { person, location, lorem, word, commerce, color, hacker } = faker.rawDefinitions
  return {
    firstNames: ascii(person?.first_name?.generic),
    lastNames: ascii(person?.last_name?.generic),
    cities: ascii(location?.city_name),
    countries: ascii(location?.country),
    countryCodes: (location?.country_code ?? []).map(({ alpha2 }) => alpha2),
    streets: ascii(location?.street_suffix),
    companies: ascii(person?.last_name?.generic),
    jobs: ascii(person?.job_type),
    areas: ascii(person?.job_area),
    words: ascii(lorem?.word),
    nouns: ascii(hacker?.noun),
    adjectives: ascii(word?.adjective),
    verbs: ascii(hacker?.verb),
    products: ascii(commerce?.product_name?.product),
    timeZones: ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Australia/Sydney'],
    colors: ascii(color?.human),
  }
}

const ASCII = /^[ -[\]-~]+$/

/** What can stand in COPY's text format and in an array as it is. */
function ascii(words: readonly string[] | null | undefined): readonly string[] {
  const kept = (words ?? []).filter(word => ASCII.test(word) && !word.includes('"') && !word.includes("'"))
  return kept.length > 0 ? kept : ['word']
}
