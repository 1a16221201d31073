import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process to time: the same work in every run. */
export interface Contender {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Not timed: puts things back to where each run begins. */
  before?(): Promise<void>
}

export interface Timing {
  readonly name: string
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Times whole processes in turn, A B C A B C, so that a machine that slows down slows all of them. In milliseconds. */
export async function timeInTurn(contenders: readonly Contender[], runs: number): Promise<Timing[]> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let run = -1; run < runs; run += 1) {
    for (const contender of contenders) {
      await contender.before?.()
      const ms = await timeOne(contender)
      // the first round fills the file system's cache
      if (run >= 0) times.get(contender.name)?.push(ms)
    }
  }
  return [...times].map(([name, each]) => timing(name, each))
}

/** What several runs come to, each in milliseconds. */
export function timing(name: string, each: readonly number[]): Timing {
  return { name, median: median(each), min: Math.min(...each), max: Math.max(...each) }
}

async function timeOne({ name, command: [program, ...args], cwd, env }: Contender): Promise<number> {
  const started = performance.now()
  const child = spawn(program, args, {
    ...(cwd && { cwd }),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
  const [code] = await once(child, 'close')
  const ms = performance.now() - started
  if (code !== 0) throw new Error(`${name} exited with ${code}:\n${output}`)
  return ms
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
