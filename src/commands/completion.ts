import { Argument } from 'commander'
import type { Command } from '../command.ts'
import { candidatesFor } from '../completion/candidates.ts'
import { namesIn } from '../completion/names.ts'
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts'
import { visible } from '../output/words.ts'
import { entries } from './index.ts'

interface CompletionOptions {
  readonly shell: Shell | 'words'
  /** What stands on the line behind the program's name, the last word as far as it is typed. */
  readonly words: readonly string[]
}

export const completion: Command<CompletionOptions> = {
  options(cli) {
    cli
      .addArgument(
        new Argument('<shell>', 'whose script to print; words is what the scripts ask').choices([
          ...SHELLS,
          'words',
        ]),
      )
      .argument('[words...]', 'behind words --: what stands on the line so far')
  },

  async run(context, { shell, words }) {
    context.output().write(shell === 'words' ? await lines(context, words) : SCRIPTS[shell])
    return undefined
  },

  view: () => [],
}

async function lines(context: Parameters<typeof namesIn>[0], words: readonly string[]): Promise<string> {
  const found = await candidatesFor(words, entries, kind => namesIn(context, kind))
  return found.map(({ word, description }) => `${visible(word)}\t${visible(description)}\n`).join('')
}
