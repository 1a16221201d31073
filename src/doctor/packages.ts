import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version of a package as Node would find it from `folder`, or undefined. */
export function installedVersion(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, 'node_modules', name, 'package.json')
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version
    if (at === dirname(at)) return undefined
  }
}
