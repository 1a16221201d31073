import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { afterTest } from '../support/cleanup.ts'
import { copyGuest } from '../support/guests.ts'
import { emptyFolder, ops } from '../support/program.ts'

const repository = process.cwd()

/** What may come after the line; the line's last word is typed so far. */
async function wordsAfter(line: string, cwd = repository): Promise<string[]> {
  const { stdout, stderr, code } = await ops(['completion', 'words', '--', ...line.split(' ')], { cwd })
  expect({ stderr, code }, line).toEqual({ stderr: '', code: 0 })
  return stdout
    .split('\n')
    .filter(text => text !== '')
    .map(text => text.split('\t')[0] ?? '')
}

describe('offers', () => {
  it.each([
    ['mig', ['migrate']],
    ['dr', ['drift']],
    ['repair --mark-a', ['--mark-applied']],
    ['repair --forget 0000', ['0000_auth']],
    ['migrate --tx ', ['file', 'all']],
    ['--color a', ['auto', 'always']],
    ['--quiet --url postgres://x mig', ['migrate']],
    ['dev st', ['start', 'stop']],
    ['project re', ['restore']],
    ['user', ['user']],
    ['baseline 0001', ['0001_projects']],
    ['stats --table agent', ['agent_states']],
    ['status nothing', []],
    ['nonsense ', []],
  ] as const)('%s', async (line, words) => {
    expect(await wordsAfter(line)).toEqual(words)
  })

  it('the names of the project at hand, schemas included', async () => {
    const { root } = await copyGuest('draehi')
    const names = await wordsAfter('migrate --to ', root)
    expect(names.length).toBeGreaterThan(1)
    expect(await wordsAfter('stats --table work', root)).toEqual(['workspaces'])
  })

  it('nothing, in silence, where no project can be read', async () => {
    expect(await wordsAfter('migrate --to ', emptyFolder())).toEqual([])
  })

  it('every command and every flag with a description', async () => {
    const { stdout } = await ops(['completion', 'words', '--', ''], { cwd: repository })
    for (const text of stdout.trimEnd().split('\n')) expect(text).toMatch(/^[a-z]+\t\S/)
  })
})

const shells = [
  { name: 'bash', start: 'bash --norc --noprofile -i', load: 'eval "$(drizzle-ops completion bash)"' },
  { name: 'zsh', start: 'zsh -f -i', load: 'eval "$(drizzle-ops completion zsh)"' },
  { name: 'fish', start: 'fish --no-config -i', load: 'drizzle-ops completion fish | source' },
]

describe.each(shells)('in a real $name', ({ name, start, load }) => {
  const missing = ['tmux', name].find(program => !isInstalled(program))
  const title = 'completes commands, flags and migrations at the tab key'
  if (missing) it.skip(`${title} (skipped: ${missing} is not installed)`, () => {})
  else
    it(title, async () => {
      const { root } = await copyGuest('platform')
      const screen = openScreen(root, start)
      await screen.until(/[$#%>] ?$/m)
      await screen.type(load, 'Enter')
      await screen.type('clear', 'Enter')
      for (const [typed, completed] of [
        ['drizzle-ops migr', 'drizzle-ops migrate'],
        ['drizzle-ops repair --mark-a', 'drizzle-ops repair --mark-applied'],
        ['drizzle-ops repair --forget 0001', 'drizzle-ops repair --forget 0001_projects'],
        ['drizzle-ops workspace sh', 'drizzle-ops workspace show'],
      ] as const) {
        await screen.type(typed, 'Tab')
        await screen.until(new RegExp(`${completed}( |$)`, 'm'))
        await screen.type('', 'C-c')
      }
    }, 60_000)
})

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A terminal that a test can type into and look at. */
function openScreen(cwd: string, start: string) {
  const home = emptyFolder()
  const programs = emptyFolder()
  symlinkSync(join(repository, 'bin/drizzle-ops.js'), join(programs, 'drizzle-ops'))
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-f', '/dev/null', '-S', join(home, 'tmux'), ...args], {
      encoding: 'utf8',
      env: { HOME: home, PATH: `${programs}:${process.env.PATH}`, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    })
  tmux('new-session', '-d', '-x', '150', '-y', '40', '-c', cwd, start)
  afterTest(async () => void tmux('kill-server'))
  const look = () => tmux('capture-pane', '-p')
  return {
    type: async (text: string, key: string) => {
      if (text) tmux('send-keys', '-l', text)
      tmux('send-keys', key)
      await sleep(100)
    },
    until: async (pattern: RegExp) => {
      const deadline = Date.now() + 15_000
      while (!pattern.test(look()) && Date.now() < deadline) await sleep(50)
      expect(look()).toMatch(pattern)
    },
  }
}
