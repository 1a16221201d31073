import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { clone, freshDatabase, type TestDatabase, template } from './databases.ts'
import { emptyFolder, ops, type ProgramOptions } from './program.ts'
import type { TestProject } from './project.ts'
import { ensureRuntime, type PostgresMajor } from './runtimes.ts'
import { newestMajor } from './shared-servers.ts'

/** Where the config lies in the project's folder, and where the migrations lie from there. */
interface Place {
  readonly root: string
  readonly out: string
}

const places = {
  platform: { root: '.', out: 'drizzle' },
  codegen: { root: '.', out: 'drizzle' },
  'product-helper': { root: '.', out: 'drizzle' },
  'claude-code': { root: '.', out: 'drizzle' },
  draehi: { root: '.', out: 'drizzle/migrations' },
  'backend-template': { root: 'apps/api', out: 'drizzle' },
  'backend-template-1.0': { root: 'apps/api', out: 'drizzle' },
  pushed: { root: '.', out: 'drizzle' },
} satisfies Record<string, Place>

export type GuestName = keyof typeof places

/** A project in a folder of its own, with a database of its own. */
export interface Guest extends TestProject {
  readonly name: GuestName
  readonly database: TestDatabase
  /** For `ops(args, guest.here)`: in the config's folder, on that database. */
  readonly here: ProgramOptions
}

const repository = join(import.meta.dirname, '../..')
const fixtures = join(repository, 'test/fixtures/projects')
/** What of the repository makes it the platform's project. */
const platformParts = [
  'package.json',
  'drizzle.config.ts',
  'drizzle',
  'src/platform/schema',
  'src/platform/seed.ts',
]

/** The five of SCHEMAS.md §2, of which one exists in both layouts. `pushed` is for itself: its tables are already there. */
export const guestNames = [
  'codegen',
  'product-helper',
  'claude-code',
  'draehi',
  'backend-template',
  'backend-template-1.0',
] as const satisfies readonly GuestName[]

/** The guests and the platform: what every command has to work on. */
export const projectNames = ['platform', ...guestNames] as const satisfies readonly GuestName[]

/** A fixture's own folder, for what only reads; its drizzle-orm is the repository's, so the 1.0 one cannot load there. */
export function guestInPlace(name: Exclude<GuestName, 'platform'>): TestProject {
  return placed(join(fixtures, name), name)
}

/** A copy of the project that a test may change, its drizzle-orm and drizzle-kit in reach. */
export async function copyGuest(name: GuestName): Promise<TestProject> {
  const folder = emptyFolder()
  if (name === 'platform') {
    for (const part of platformParts) cpSync(join(repository, part), join(folder, part), { recursive: true })
    // its config imports drizzle-ops/config
    symlinkSync(join(repository, 'dist'), join(folder, 'dist'))
  } else cpSync(join(fixtures, name), folder, { recursive: true })
  symlinkSync(await packagesOf(name), join(folder, 'node_modules'))
  return placed(folder, name)
}

/** A copy of the project, and an empty database. */
export async function emptyGuest(name: GuestName, major = newestMajor()): Promise<Guest> {
  return guest(name, await freshDatabase(major))
}

/** A copy of the project, and a database with all of its migrations. */
export async function migratedGuest(name: GuestName, major = newestMajor()): Promise<Guest> {
  return guest(name, await clone(migrated[name], major))
}

/** The project `pushed`, and a database whose tables `drizzle-kit push` has made. */
export async function pushedGuest(major: PostgresMajor = newestMajor()): Promise<Guest> {
  const { root } = guestInPlace('pushed')
  const pushed = await emptyGuest('pushed', major)
  await pushed.database.sql.file(join(root, 'push.sql')).simple()
  return pushed
}

const migrated = Object.fromEntries(
  Object.keys(places).map(name => [
    name,
    template(`guest_${name.replaceAll(/\W/g, '_')}`, async database => {
      const { code, stderr } = await ops(['migrate'], (await guest(name as GuestName, database)).here)
      expect(code, stderr).toBe(0)
    }),
  ]),
) as Record<GuestName, ReturnType<typeof template>>

async function guest(name: GuestName, database: TestDatabase): Promise<Guest> {
  const project = await copyGuest(name)
  return {
    name,
    ...project,
    database,
    here: { cwd: project.root, env: { DRIZZLE_OPS_URL: database.url } },
  }
}

function placed(folder: string, name: GuestName): TestProject {
  const { root, out } = places[name]
  return { root: join(folder, root), out: join(folder, root, out) }
}

async function packagesOf(name: GuestName): Promise<string> {
  const folder = name === 'backend-template-1.0' ? await ensureRuntime('drizzle-1.0') : repository
  return join(folder, 'node_modules')
}
