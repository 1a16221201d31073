import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { emptyFolder } from './program.ts'
import { write } from './project.ts'

const repository = join(import.meta.dirname, '../..')
const execute = promisify(execFile)

export interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

export async function pack(folder: string): Promise<Packed> {
  const { stdout } = await npm(repository, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder)
  const [packed] = JSON.parse(stdout) as Packed[]
  if (!packed) throw new Error(`npm pack said ${stdout}`)
  return packed
}

/** An empty project with the packed tarball installed, the dependencies' install scripts not run. */
export async function installed(): Promise<{ readonly project: string; readonly packed: Packed }> {
  const folder = emptyFolder()
  const packed = await pack(folder)
  const project = join(folder, 'project')
  write(join(project, 'package.json'), '{ "private": true }')
  await npm(project, 'install', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, packed.filename))
  return { project, packed }
}

/** Gives the folder what was installed, as a copy of its own, beside links to the other packages that it has. */
export function addInstalled(project: string, folder: string, packages: string): void {
  const [from, modules] = [join(project, 'node_modules'), join(folder, 'node_modules')]
  const copied = readdirSync(from).filter(name => !name.startsWith('.'))
  mkdirSync(join(modules, '.bin'), { recursive: true })
  for (const name of copied) cpSync(join(from, name), join(modules, name), { recursive: true })
  for (const name of readdirSync(packages).filter(name => !name.startsWith('.') && !copied.includes(name)))
    symlinkSync(join(packages, name), join(modules, name))
  symlinkSync('../drizzle-ops/bin/drizzle-ops.js', join(modules, '.bin/drizzle-ops'))
}

export function npm(cwd: string, ...args: string[]) {
  return execute('npm', args, { cwd })
}
