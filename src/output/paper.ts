import type { OutputStream } from '../main.ts'
import type { Globals } from '../options.ts'

/** What a text will be shown on. `width` is known on a terminal only. */
export interface Paper {
  readonly colour: boolean
  readonly width: number | undefined
}

export function paperOf(stdout: OutputStream, globals: Globals, env: NodeJS.ProcessEnv): Paper {
  return {
    colour: wantsColour(stdout, globals, env),
    width: stdout.isTTY ? (stdout.columns ?? 80) : undefined,
  }
}

/** https://no-color.org and https://force-color.org */
function wantsColour(stream: OutputStream, { color }: Globals, env: NodeJS.ProcessEnv): boolean {
  if (color !== 'auto') return color === 'always'
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true
}
