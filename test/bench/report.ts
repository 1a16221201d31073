import { cpus } from 'node:os'
import type { Timing } from './measure.ts'

/** What a ratio may be at most, and between whom; without the other one, how many milliseconds a median. */
export interface Goal {
  readonly name: string
  readonly of: string
  readonly against?: string
  readonly atMost: number
}

/** Prints medians and the ratios that were promised, as a table or as JSON. Says where a promise is broken. */
export function report(timings: readonly Timing[], goals: readonly Goal[], json: boolean): void {
  const ratios = goals.map(goal => {
    const ratio = medianOf(timings, goal.of) / (goal.against ? medianOf(timings, goal.against) : 1)
    return { ...goal, ratio: Math.round(ratio * 100) / 100, kept: ratio <= goal.atMost }
  })
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
  const date = new Date().toISOString().slice(0, 10)
  if (json) process.stdout.write(`${JSON.stringify({ date, machine, timings, ratios }, null, 2)}\n`)
  else {
    process.stdout.write(`${date}, ${machine}\n\n`)
    for (const { name, median, min, max } of timings) {
      process.stdout.write(
        `${name.padEnd(44)} ${median.toFixed(0).padStart(6)} ms   (${min.toFixed(0)}–${max.toFixed(0)})\n`,
      )
    }
    process.stdout.write('\n')
    for (const { name, against, ratio, atMost, kept } of ratios) {
      const value = against ? `${ratio.toFixed(2).padStart(6)} × ` : `${ratio.toFixed(0).padStart(6)} ms`
      process.stdout.write(`${name.padEnd(44)} ${value}   (at most ${atMost}${kept ? '' : ': BROKEN'})\n`)
    }
  }
  if (ratios.some(({ kept }) => !kept)) process.exitCode = 1
}

function medianOf(timings: readonly Timing[], name: string): number {
  return timings.find(timing => timing.name === name)?.median ?? Number.NaN
}
