import ret, { type SetTokens, type Token, types } from 'ret'

/** The strings of a regular expression, numbered: each of 0 … size - 1 gives another. */
export interface Language {
  readonly size: number
  /** Characters of the longest. */
  readonly longest: number
  nth(index: number): string
}

/** How often `*` and `+` go on beyond what they have to. */
const MORE = [8, 4, 2, 1, 0]
const POSIX: Readonly<Record<string, string>> = {
  '[:alpha:]': 'a-zA-Z',
  '[:digit:]': '0-9',
  '[:alnum:]': 'a-zA-Z0-9',
  '[:lower:]': 'a-z',
  '[:upper:]': 'A-Z',
  '[:space:]': ' ',
  '[:xdigit:]': '0-9a-f',
  '[:word:]': '\\w',
}
const FIRST = 0x20
const LAST = 0x7e

/** Of strings no longer than `most`. Undefined for what looks around or back, and for what cannot be parsed. */
export function languageOf(regex: string, most: number): Language | undefined {
  try {
    const { stack, options } = ret(regex.replaceAll(/\[:\w+:\]|\\[AZmMy]/g, found => POSIX[found] ?? ''))
    const languages = MORE.map(more => oneOf((options ?? [stack ?? []]).map(each => sequence(each, more))))
    return languages.find(({ longest }) => longest <= most) ?? languages.at(-1)
  } catch {
    return undefined
  }
}

function sequence(tokens: readonly Token[], more: number): Language {
  const parts = tokens.map(token => languageOfToken(token, more))
  return {
    size: parts.reduce((product, { size }) => product * size, 1),
    longest: parts.reduce((sum, { longest }) => sum + longest, 0),
    nth(index) {
      let left = index
      let text = ''
      for (const { size, nth } of parts) {
        text += nth(left % size)
        left = Math.floor(left / size)
      }
      return text
    },
  }
}

function oneOf(languages: readonly Language[]): Language {
  return {
    size: languages.reduce((sum, { size }) => sum + size, 0),
    longest: Math.max(...languages.map(({ longest }) => longest)),
    nth(index) {
      let left = index
      for (const { size, nth } of languages) {
        if (left < size) return nth(left)
        left -= size
      }
      return ''
    },
  }
}

function languageOfToken(token: Token, more: number): Language {
  switch (token.type) {
    case types.POSITION:
      return EMPTY
    case types.CHAR:
      return characters([token.value])
    case types.SET: {
      const codes = new Set(codesOf(token.set))
      return characters(token.not ? printable().filter(code => !codes.has(code)) : [...codes])
    }
    case types.REPETITION: {
      const most = Math.min(token.max, token.min + more)
      return oneOf(
        Array.from({ length: most - token.min + 1 }, (_, extra) =>
          sequence(
            Array.from({ length: token.min + extra }, () => token.value),
            more,
          ),
        ),
      )
    }
    case types.GROUP:
      if (token.followedBy || token.notFollowedBy || token.lookBehind) throw new Error('It looks around.')
      return oneOf((token.options ?? [token.stack ?? []]).map(each => sequence(each, more)))
    default:
      throw new Error('It refers back.')
  }
}

const EMPTY: Language = { size: 1, longest: 0, nth: () => '' }

function characters(codes: readonly number[]): Language {
  if (codes.length === 0) throw new Error('No character fits.')
  return { size: codes.length, longest: 1, nth: index => String.fromCharCode(codes[index] ?? FIRST) }
}

function codesOf(set: SetTokens): number[] {
  return set.flatMap(token => {
    if (token.type === types.CHAR) return [token.value]
    if (token.type === types.RANGE)
      return Array.from({ length: token.to - token.from + 1 }, (_, index) => token.from + index)
    const inner = new Set(codesOf(token.set))
    return token.not ? printable().filter(code => !inner.has(code)) : [...inner].filter(isPrintable)
  })
}

function printable(): number[] {
  return Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index)
}

function isPrintable(code: number): boolean {
  return code >= FIRST && code <= LAST
}
