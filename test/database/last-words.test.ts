import { describe, expect, it } from 'vitest'
import { lastWords } from '../../src/database/last-words.ts'

/** A message of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function message(type: string, ...fields: readonly string[]): Buffer {
  const body = Buffer.from(`${fields.map(field => `${field}\0`).join('')}\0`)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const fatal = message('E', 'SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection')
const notice = message('N', 'SHINWEIS', 'VNOTICE', 'C00000', 'Mhello')

describe('the last words of a server', () => {
  it('are an error that it sends before it goes', () => {
    const expected = {
      name: 'PostgresError',
      severity: 'FATAL',
      code: '57P01',
      message: 'terminating connection',
    }
    expect(lastWords(fatal)).toMatchObject(expected)
    expect(lastWords(Buffer.concat([notice, fatal]))).toMatchObject(expected)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['something else', notice],
    ['an error before something else', Buffer.concat([fatal, notice])],
    ['half an error', fatal.subarray(0, 20)],
    ['the rest of a message', fatal.subarray(8)],
    ['lengths that lead nowhere', Buffer.alloc(64)],
    ['an error without fields', message('E')],
  ])('are not %s', (_, chunk) => {
    expect(lastWords(chunk)).toBeUndefined()
  })
})
