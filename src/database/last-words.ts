const ERROR_RESPONSE = 'E'.charCodeAt(0)
const HEADER = 5

/**
 * The ErrorResponse that ends what a server sent last, in the shape of the driver's own errors; undefined where it
 * went without a word. The driver keeps a FATAL error to itself that comes while a statement runs.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function lastWords(chunk: Buffer): Error | undefined {
  let at = 0
  while (at + HEADER < chunk.length) {
    const end = at + 1 + chunk.readUInt32BE(at + 1)
    if (end === chunk.length && chunk[at] === ERROR_RESPONSE) return errorOf(chunk.subarray(at + HEADER, end))
    if (end <= at + HEADER) return undefined
    at = end
  }
  return undefined
}

/**
 * The body of an ErrorResponse, in the shape of the driver's own errors; undefined where it is none. Fields are a
 * letter and a text each: https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export function errorOf(fields: Buffer): Error | undefined {
  const texts = fields.toString('utf8').split('\0')
  const field = (letter: string) => texts.find(text => text.startsWith(letter))?.slice(1)
  const [severity, code, message] = [field('V'), field('C'), field('M')]
  if (message === undefined || code === undefined) return undefined
  const [detail, hint, where] = [field('D'), field('H'), field('W')]
  return Object.assign(new Error(message), { name: 'PostgresError', severity, code, detail, hint, where })
}
