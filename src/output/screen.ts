import type { OutputStream } from '../main.ts'

/** xterm's alternate screen, without a cursor: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */
const ENTER = '\u001B[?1049h\u001B[?25l'
const LEAVE = '\u001B[?25h\u001B[?1049l'
/** From the upper left corner on, the rest wiped line by line: wiping the whole screen first flickers. */
const HOME = '\u001B[H'
const WIPE_LINE = '\u001B[K'
const WIPE_BELOW = '\u001B[J'

/** A screen beside the one with the shell's history; entered with the first text that is shown. */
export interface Screen {
  show(text: string): void
  leave(): void
}

export function screenOn(stream: OutputStream): Screen {
  let entered = false
  return {
    show: text => {
      const lines = text.split('\n').slice(0, (stream.rows ?? 24) - 1)
      stream.write(
        `${entered ? '' : ENTER}${HOME}${lines.map(line => `${line}${WIPE_LINE}`).join('\n')}${WIPE_BELOW}`,
      )
      entered = true
    },
    leave: () => {
      if (entered) stream.write(LEAVE)
      entered = false
    },
  }
}
