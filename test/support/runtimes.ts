import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const runtimes = join(import.meta.dirname, '../runtimes')
const platform = `${process.platform}-${process.arch}`

export const postgresMajors = [14, 15, 16, 17, 18] as const
export const nodeMajors = [22, 24, 26] as const

export type PostgresMajor = (typeof postgresMajors)[number]
export type NodeMajor = (typeof nodeMajors)[number]
export type RuntimeName =
  | `pg${PostgresMajor}`
  | `node${NodeMajor}`
  | 'drizzle-1.0'
  | 'drizzle-seed'
  | 'dbmate'
  | 'squawk'

interface Manifest {
  readonly version?: string
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
}

/** Installs what `test/runtimes/<name>/package.json` asks for, unless it is there, and returns the folder. */
export async function ensureRuntime(name: RuntimeName): Promise<string> {
  const reason = await unavailable(name)
  if (reason) throw new Error(reason)
  const folder = join(runtimes, name)
  if (!(await isInstalled(name))) await install(name)
  return folder
}

export async function isInstalled(name: RuntimeName): Promise<boolean> {
  for (const [dependency, version] of Object.entries(await wanted(name))) {
    const found = await manifest(join(runtimes, name, 'node_modules', dependency)).catch(() => undefined)
    if (found?.version !== version) return false
  }
  return true
}

/** Why a runtime cannot be had on this platform, as a sentence. */
export async function unavailable(name: RuntimeName): Promise<string | undefined> {
  const has = Object.keys(await wanted(name)).length > 0
  return has ? undefined : `There is no ${name} for ${platform} in test/runtimes.`
}

/** The folder of the one package that a runtime for this platform consists of. */
export async function platformPackage(name: RuntimeName): Promise<string> {
  const folder = await ensureRuntime(name)
  const [dependency = ''] = Object.keys(await wanted(name))
  return join(folder, 'node_modules', dependency)
}

export async function nodeBinary(major: NodeMajor): Promise<string> {
  return join(await platformPackage(`node${major}`), 'bin/node')
}

// A package for one platform is an optional dependency: npm skips those of the other platforms.
async function wanted(name: RuntimeName): Promise<Record<string, string>> {
  const { dependencies, optionalDependencies = {} } = await manifest(join(runtimes, name))
  const ours = Object.entries(optionalDependencies).filter(([dependency]) => dependency.endsWith(platform))
  return { ...dependencies, ...Object.fromEntries(ours) }
}

async function manifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}

// Installed aside and renamed, so that of two processes at once the slower one changes nothing, and what a
// killed one leaves behind is never taken for an installation.
async function install(name: RuntimeName) {
  const folder = join(runtimes, name)
  await mkdir(join(runtimes, 'node_modules'), { recursive: true })
  const aside = await mkdtemp(join(runtimes, 'node_modules', `${name}-`))
  try {
    await cp(join(folder, 'package.json'), join(aside, 'package.json'))
    await cp(join(folder, 'package-lock.json'), join(aside, 'package-lock.json'))
    await npmCi(aside)
    if (await isInstalled(name)) return
    await rename(join(folder, 'node_modules'), join(aside, 'stale')).catch(() => undefined)
    await rename(join(aside, 'node_modules'), join(folder, 'node_modules')).catch(() => undefined)
    if (!(await isInstalled(name))) throw new Error(`npm ci did not install ${name}.`)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function npmCi(folder: string) {
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
}
