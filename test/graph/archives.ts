import { createHash } from 'node:crypto'
import { expect } from 'vitest'

interface Line {
  readonly t?: string
  readonly r?: Readonly<Record<string, unknown>>
  readonly chunk?: {
    readonly t: string
    readonly rows: number
    readonly bytes: number
    readonly sha256: string
  }
  readonly end?: {
    readonly rows: Readonly<Record<string, number>>
    readonly chunks: number
    readonly sha256: string
  }
}

export interface Parsed {
  readonly manifest: {
    readonly root: object
    readonly tables: readonly { readonly table: string; readonly redacted: readonly string[] }[]
  }
  /** The rows of each table, in their order. */
  readonly rows: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

/** Reads an archive by other means than the program's, and checks every hash and count in it. */
export function parsed(archive: string): Parsed {
  expect(archive.endsWith('\n')).toBe(true)
  const lines = archive.slice(0, -1).split('\n')
  const [first = '', ...rest] = lines
  const rows: Record<string, Readonly<Record<string, unknown>>[]> = {}
  const chunks = rest.map(line => JSON.parse(line) as Line)
  let at = 0
  let count = 0
  while (chunks[at]?.chunk) {
    const { t, rows: held, bytes, sha256 } = chunks[at]?.chunk ?? { t: '', rows: 0, bytes: 0, sha256: '' }
    const text = rest
      .slice(at + 1, at + 1 + held)
      .map(line => `${line}\n`)
      .join('')
    expect({ bytes: Buffer.byteLength(text), sha256: digest(text) }).toEqual({ bytes, sha256 })
    const own = rows[t] ?? []
    rows[t] = own
    for (const line of chunks.slice(at + 1, at + 1 + held)) {
      expect(line.t).toBe(t)
      own.push(line.r ?? {})
    }
    at += 1 + held
    count += 1
  }
  const end = chunks[at]?.end
  expect(at).toBe(chunks.length - 1)
  expect(end?.chunks).toBe(count)
  expect(end?.sha256).toBe(
    digest(
      rest
        .slice(0, at)
        .map(line => `${line}\n`)
        .join(''),
    ),
  )
  expect(Object.fromEntries(Object.entries(end?.rows ?? {}).filter(([, held]) => held > 0))).toEqual(
    Object.fromEntries(Object.entries(rows).map(([table, held]) => [table, held.length])),
  )
  return { manifest: JSON.parse(first), rows }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
