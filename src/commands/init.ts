import { Option } from 'commander'
import type { Command } from '../command.ts'
import { addOps } from '../init/init-config.ts'
import { RECIPES, type RecipeName, writeRecipe } from '../init/recipes.ts'
import { line } from '../output/blocks.ts'
import { openProject } from '../project/project.ts'

interface InitOptions {
  readonly recipe?: RecipeName
}

interface InitResult {
  /** Written or changed, from the config's folder. */
  readonly files: readonly string[]
}

export const init: Command<InitOptions, InitResult> = {
  options(cli) {
    cli.addOption(
      new Option('--recipe <name>', 'write files for this use instead').choices(Object.keys(RECIPES)),
    )
  },

  async run(context, { recipe }) {
    const project = await openProject(context)
    if (recipe) return { files: await writeRecipe(project.root, recipe) }
    const added = await addOps(context, project)
    return { files: added ? [project.configFile] : [] }
  },

  view: ({ files }) =>
    files.length === 0
      ? [line('The config has an ops export already; nothing was changed.')]
      : [
          ...files.map(file => line(`wrote ${file}`, 'good')),
          line('Read them before you commit them.', 'dim'),
        ],
}
