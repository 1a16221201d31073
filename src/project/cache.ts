import { createHash } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from '../../package.json'
import type { Transpiled } from './transpile.ts'

interface Manifest {
  readonly module: string
  /** SHA-256 of each input by its path: checkouts in CI have new times, but not new contents. */
  readonly inputs: Readonly<Record<string, string>>
}

/** The folder of the transpiler's cache. What lies in it is executed, so nobody else may write there. */
export async function cacheFolder(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'drizzle-ops')
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const facts = await lstat(folder)
    const own = process.getuid === undefined || (facts.uid === process.getuid() && (facts.mode & 0o022) === 0)
    return facts.isDirectory() && own ? folder : undefined
  } catch {
    return undefined
  }
}

/** The module made earlier from `file`, if no input has changed since. */
export async function cachedModule(folder: string, file: string): Promise<string | undefined> {
  try {
    const manifest = JSON.parse(await readFile(manifestOf(folder, file), 'utf8')) as Manifest
    for (const [input, digest] of Object.entries(manifest.inputs)) {
      if (sha256(await readFile(input)) !== digest) return undefined
    }
    return join(folder, manifest.module)
  } catch {
    return undefined
  }
}

/**
 * Keeps a transpiled module and gives its path, or undefined where the folder takes nothing (a full or a
 * read-only disk). Two processes at once write the same bytes.
 */
export async function keepModule(
  folder: string,
  file: string,
  { code, inputs }: Transpiled,
): Promise<string | undefined> {
  try {
    const digests = inputs.map(async input => [input, sha256(await readFile(input))] as const)
    const module = `${sha256(code).slice(0, 32)}.mjs`
    const manifest: Manifest = { module, inputs: Object.fromEntries(await Promise.all(digests)) }
    await write(join(folder, module), code)
    await write(manifestOf(folder, file), JSON.stringify(manifest))
    return join(folder, module)
  } catch {
    return undefined
  }
}

/** Runs `work` on a module that lies in a folder of its own for as long as that takes. */
export async function withPassingModule<T>(code: string, work: (module: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'drizzle-ops-'))
  try {
    const module = join(folder, `${sha256(code).slice(0, 32)}.mjs`)
    await writeFile(module, code, { mode: 0o600 })
    return await work(module)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function write(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, file)
}

function manifestOf(folder: string, file: string): string {
  return join(folder, `${sha256(`${version} ${process.version} ${file}`).slice(0, 32)}.json`)
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
