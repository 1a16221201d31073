import { type ArchivePlace, damaged } from './damage.ts'

/** Reads forward through bytes, by lines and by counts, and knows in which line it is. */
export interface Scanner {
  /** Where the next byte stands. */
  place(): Required<ArchivePlace>
  /** The next line with its newline, of at most `longest` bytes; undefined at the end. */
  line(longest: number): Promise<Buffer | undefined>
  /** The next `count` bytes, good until the call after the next. Takes no more than 2 MiB for what does not come. */
  take(count: number): Promise<Buffer>
  /** Tells how many lines were in what was taken. */
  passed(lines: number): void
}

const NEWLINE = 10
/** An ordinary chunk's bytes. */
const AT_ONCE = 1 << 21
/** One chunk is in use while the next is read. New memory for each would wait for the collector: 135 MB at the most with a million rows, 98 MB with these. */
const SPARES = 2

/** Throws OpsError `archive-damaged` where the bytes end too early or a line is too long. */
export function scanner(bytes: AsyncIterable<Buffer>, file: string): Scanner {
  const source = bytes[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let number = 1
  const place = () => ({ file, line: number })

  const spares: Buffer[] = []
  let turn = 0
  const spare = () => {
    turn = (turn + 1) % SPARES
    spares[turn] ??= Buffer.allocUnsafeSlow(AT_ONCE)
    return spares[turn] as Buffer
  }

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
      const whole = count <= AT_ONCE ? spare().subarray(0, count) : undefined
      for (let taken = 0; taken < count; ) {
        if (rest.length === 0 && !(await more()))
          throw damaged(place(), 'ends in the middle of a chunk: it has been cut short')
        const piece = rest.subarray(0, count - taken)
        if (whole) piece.copy(whole, taken)
        else pieces.push(piece)
        taken += piece.length
        rest = rest.subarray(piece.length)
      }
      return whole ?? Buffer.concat(pieces)
    },
    passed: lines => {
      number += lines
    },
  }
}
