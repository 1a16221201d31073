import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Globals } from '../../src/options.ts'
import { narrator } from '../../src/output/narrator.ts'

const usual: Globals = { format: 'table', color: 'auto', allow: [], connectTimeout: 10_000 }

describe('what goes on', () => {
  it.each<[what: string, flags: Partial<Globals>, text: string]>([
    ['is told', {}, 'a note\nwarning: a danger\n'],
    ['is told only where it is dangerous, with --quiet', { quiet: true }, 'warning: a danger\n'],
    [
      'is told with the SQL and what the server says, with --verbose',
      { verbose: true },
      'a note\nwarning: a danger\na notice\\u001b[2J\n1.5s  SELECT 1, 2\n',
    ],
  ])('%s', (_, flags, text) => {
    expect(told({ ...usual, ...flags })).toBe(text)
  })

  it('cannot steer the terminal, nor hold a password', () => {
    let text = ''
    const { report } = narrator(
      { stderr: { write: written => (text += written) } },
      { ...usual, verbose: true },
    )
    report.note("pid 7 (psql\u001b[2J: ALTER ROLE a PASSWORD 'hunter2')\nand more")
    report.warn('postgres://ann:hunter2@h/d')
    report.sql("ALTER ROLE a\u0007 PASSWORD 'hunter2'", 1)
    expect(text).toBe(
      "pid 7 (psql\\u001b[2J: ALTER ROLE a PASSWORD '…')\nand more\nwarning: postgres://ann:…@h/d\n1ms  ALTER ROLE a\\u0007 PASSWORD '…'\n",
    )
  })
})

describe('a spinner', () => {
  it.each<[boolean, Partial<Globals>, string]>([
    [true, {}, 'on a terminal'],
    [false, {}, 'in a pipe'],
    [false, { quiet: true }, 'on a terminal'],
    [false, { verbose: true }, 'on a terminal'],
  ])('turns: %s, with %o, %s', async (turns, flags, where) => {
    const terminal = fakeTerminal(where === 'on a terminal')
    const { report, end } = narrator({ stderr: terminal }, { ...usual, ...flags })
    report.progress('Waiting\u001b[2J')
    for (let waited = 0; waited < 3000 && turns && !terminal.text.includes('Waiting'); waited += 20)
      await sleep(20)
    if (!turns) await sleep(150)
    end()
    expect(terminal.text.includes('Waiting\\u001b[2J')).toBe(turns)
    if (!turns) expect(terminal.text).toBe('')
  })

  it('does not appear where a command is quick', async () => {
    const terminal = fakeTerminal(true)
    const { report, end } = narrator({ stderr: terminal }, usual)
    report.progress('Waiting')
    end()
    await sleep(150)
    expect(terminal.text).toBe('')
  })
})

function told(globals: Globals): string {
  let text = ''
  const { report, end } = narrator({ stderr: { write: written => (text += written) } }, globals)
  report.note('a note')
  report.warn('a danger')
  report.notice('a notice\u001b[2J')
  report.progress('a step')
  report.sql('SELECT 1,\n       2', 1500)
  end()
  return text
}

/** As much of a terminal as ora asks for. */
function fakeTerminal(isTTY: boolean) {
  return {
    isTTY,
    columns: 80,
    text: '',
    write(written: string) {
      this.text += written
      return true
    },
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  }
}
