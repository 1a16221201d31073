import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OpsError } from '../errors.ts'
import type { Layout } from '../migrations/folder.ts'
import type { Project } from '../project/project.ts'

/** What the command needs drizzle-kit for, for whoever does not have it. */
export interface Need {
  /** A sentence's beginning: `The way back is derived by drizzle-kit`. */
  readonly what: string
  /** What it could not do when a call fails: `could not derive the way back`. */
  readonly failed: string
  /** What else could be done, as the end of a hint. */
  readonly otherwise?: string
}

export interface FoundKit {
  /** What it makes: 0.31 a journal, 1.0 folders. */
  readonly layout: Layout
  readonly version: string
  /** The file of its API. */
  readonly module: string
  /** The file of its command. */
  readonly bin: string
}

const MODULES: Readonly<Record<Layout, string>> = {
  journal: 'drizzle-kit/api',
  folders: 'drizzle-kit/api-postgres',
}

/**
 * The project's own drizzle-kit; with a layout, the one that makes it.
 * Throws OpsError `drizzle-kit`, exit 2, where there is none that fits.
 */
export function findKit(project: Project, need: Need, layout?: Layout): FoundKit {
  const found = kitOf(project, 'journal') ?? kitOf(project, 'folders')
  if (found && (layout === undefined || found.layout === layout)) return found
  const otherwise = need.otherwise ? `, or ${need.otherwise}` : ''
  throw new OpsError({
    code: 'drizzle-kit',
    message: found
      ? `${need.what}, and the one of ${project.root} is ${found.version}, which does not make this layout of the migrations folder (${layout}).`
      : `${need.what}, and ${project.root} has none.`,
    hint: found
      ? `Install the drizzle-kit that made these migrations${otherwise}.`
      : `Install it there (npm install --save-dev drizzle-kit)${otherwise}.`,
    exit: 2,
  })
}

function kitOf(project: Project, layout: Layout): FoundKit | undefined {
  const require = createRequire(join(project.root, 'package.json'))
  try {
    const module = require.resolve(MODULES[layout])
    const { folder, version } = packageAbove(dirname(module))
    return { layout, version, module, bin: join(folder, 'bin.cjs') }
  } catch {
    return undefined
  }
}

function packageAbove(folder: string): { readonly folder: string; readonly version: string } {
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest))
    return { folder, ...(JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }) }
  return folder === dirname(folder) ? { folder, version: 'unknown' } : packageAbove(dirname(folder))
}
