import { type ArchivePlace, damaged } from './damage.ts'

/** Reads forward through bytes, by lines and by counts, and knows in which line it is. */
export interface Scanner {
  /** Where the next byte stands. */
  place(): Required<ArchivePlace>
  /** The next line with its newline, of at most `longest` bytes; undefined at the end. */
  line(longest: number): Promise<Buffer | undefined>
  /** The next `count` bytes, which hold so many `lines`. Takes no memory for what does not come. */
  take(count: number): Promise<Buffer>
  /** Tells how many lines were in what was taken. */
  passed(lines: number): void
}

const NEWLINE = 10

/** Throws OpsError `archive-damaged` where the bytes end too early or a line is too long. */
export function scanner(bytes: AsyncIterable<Buffer>, file: string): Scanner {
  const source = bytes[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let number = 1
  const place = () => ({ file, line: number })

  const more = async (): Promise<boolean> => {
    const { done, value } = await source.next()
    rest = done ? Buffer.alloc(0) : value
    return !done
  }

  /** Moves up to `count` bytes of what is at hand. */
  const moved = (count: number, into: Buffer[]) => {
    into.push(rest.subarray(0, count))
    rest = rest.subarray(count)
  }

  return {
    place,
    line: async longest => {
      const pieces: Buffer[] = []
      let length = 0
      for (;;) {
        const end = rest.indexOf(NEWLINE) + 1
        length += end === 0 ? rest.length : end
        if (length > longest) throw damaged(place(), 'has a line that is too long for an archive')
        moved(end === 0 ? rest.length : end, pieces)
        if (end > 0) break
        if (await more()) continue
        if (length === 0) return undefined
        throw damaged(place(), 'ends in the middle of a line: it has been cut short')
      }
      number += 1
      return Buffer.concat(pieces)
    },
    take: async count => {
      const pieces: Buffer[] = []
      for (let left = count; left > 0; ) {
        if (rest.length === 0 && !(await more()))
          throw damaged(place(), 'ends in the middle of a chunk: it has been cut short')
        const piece = Math.min(left, rest.length)
        moved(piece, pieces)
        left -= piece
      }
      return Buffer.concat(pieces)
    },
    passed: lines => {
      number += lines
    },
  }
}
