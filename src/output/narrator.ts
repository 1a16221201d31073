import type { OutputStream } from '../main.ts'
import type { Globals } from '../options.ts'
import { redact } from './redact.ts'
import type { Report } from './report.ts'
import { milliseconds, visible } from './words.ts'

/** A report that writes to stderr, and the end of whatever moves there. */
export interface Narrator {
  readonly report: Report
  end(): void
}

/** Where it is told; asked for when there is something to tell, since making a stream takes Node 2 ms. */
interface Told {
  readonly stderr: OutputStream
}

/** A spinner says nothing that a quick command would not: it waits this long. */
const SPINNER_DELAY = 100

/** Notes always (unless `--quiet`), SQL with `--verbose`, a spinner on terminals only. */
export function narrator(io: Told, { quiet, verbose }: Globals): Narrator {
  let spinner: ReturnType<typeof delayedSpinner> | undefined
  const say = (text: string) => {
    spinner?.pause()
    io.stderr.write(`${redact(text).split('\n').map(visible).join('\n')}\n`)
  }
  return {
    end: () => spinner?.stop(),
    report: {
      note: text => {
        if (!quiet) say(text)
      },
      warn: text => say(`warning: ${text}`),
      progress: text => {
        if (quiet || verbose || !io.stderr.isTTY) return
        spinner ??= delayedSpinner(io.stderr)
        spinner.show(visible(text))
      },
      notice: text => {
        if (verbose) say(visible(text))
      },
      sql: (text, ms) => {
        if (verbose) say(`${milliseconds(ms)}  ${visible(text.replace(/\s+/g, ' ').trim())}`)
      },
    },
  }
}

/** ora takes 80 ms to load: it is loaded when something has taken longer than the delay. */
function delayedSpinner(stderr: OutputStream) {
  let text = ''
  let shown: { text: string; start(): unknown; stop(): unknown } | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const start = async () => {
    const { default: ora } = await import('ora')
    if (stopped) return
    shown = ora({ text, stream: stderr as NodeJS.WriteStream, discardStdin: false })
    shown.start()
  }
  return {
    show: (now: string) => {
      text = now
      if (shown) {
        shown.text = now
        shown.start()
      }
      timer ??= setTimeout(() => void start(), SPINNER_DELAY)
    },
    pause: () => shown?.stop(),
    stop: () => {
      stopped = true
      clearTimeout(timer)
      shown?.stop()
    },
  }
}
