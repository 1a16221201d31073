const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const OPENING = [0x7b, 0x5b]
const CLOSING = [0x7d, 0x5d]

/** Behind the last byte of the text, object or array that begins at `at`; -1 where it does not end. */
export function tokenEnd(json: Buffer, at: number): number {
  return json[at] === QUOTE ? textEnd(json, at) : nestedEnd(json, at)
}

function textEnd(json: Buffer, at: number): number {
  for (let from = at + 1; ; ) {
    const quote = json.indexOf(QUOTE, from)
    if (quote === -1) return -1
    let escapes = quote
    while (escapes > from && json[escapes - 1] === BACKSLASH) escapes -= 1
    from = quote + 1
    if ((quote - escapes) % 2 === 0) return from
  }
}

function nestedEnd(json: Buffer, at: number): number {
  let depth = 0
  for (let place = at; place < json.length; ) {
    const byte = json[place] ?? 0
    if (byte === QUOTE) {
      place = textEnd(json, place)
      if (place === -1) return -1
      continue
    }
    if (OPENING.includes(byte)) depth += 1
    if (CLOSING.includes(byte)) depth -= 1
    place += 1
    if (depth === 0) return place
  }
  return -1
}
