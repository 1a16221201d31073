import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OpsError } from '../errors.ts'
import { CI } from './recipes/ci.ts'
import { COMPOSE } from './recipes/compose.ts'
import { CRON } from './recipes/cron.ts'
import { DOCKER } from './recipes/docker.ts'
import { K8S } from './recipes/k8s.ts'

/** Files by their paths from the project's folder. */
export type Recipe = Readonly<Record<string, string>>

/** What `--recipe` knows. */
export const RECIPES = { ci: CI, cron: CRON, k8s: K8S, compose: COMPOSE, docker: DOCKER } satisfies Record<
  string,
  Recipe
>

export type RecipeName = keyof typeof RECIPES

/** Writes the recipe's files and returns their paths. Throws OpsError `file-exists`, exit 2: nothing is overwritten. */
export async function writeRecipe(root: string, name: RecipeName): Promise<string[]> {
  const files = Object.entries<string>(RECIPES[name])
  const standing = files.map(([path]) => join(root, path)).find(file => existsSync(file))
  if (standing) throw exists(standing)
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    // between the look and now somebody may have written one
    await writeFile(join(root, path), text, { flag: 'wx' })
  }
  return files.map(([path]) => path)
}

function exists(file: string): OpsError {
  return new OpsError({
    code: 'file-exists',
    message: `${file} exists already; nothing was written.`,
    hint: 'Move it away, or take over from it what you need: drizzle-ops init never overwrites.',
    exit: 2,
  })
}
