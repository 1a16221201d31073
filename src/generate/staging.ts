import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const JOURNAL = join('meta', '_journal.json')
/** What drizzle-kit reads: the journal with its snapshots, or the folder of each migration. */
const PARTS = ['meta', 'migration.sql', 'snapshot.json']

/** A copy of the migrations folder, in which drizzle-kit may leave what it likes. */
export async function withStaging<T>(out: string, work: (staged: string) => Promise<T>): Promise<T> {
  const top = await mkdtemp(join(tmpdir(), 'drizzle-ops-'))
  try {
    const staged = join(top, 'drizzle')
    if (existsSync(out)) copyParts(out, staged)
    return await work(staged)
  } finally {
    await rm(top, { recursive: true, force: true })
  }
}

/** The project may keep its migrations beside anything. */
function copyParts(out: string, staged: string): void {
  mkdirSync(staged)
  for (const entry of readdirSync(out, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const folder = join(out, entry.name)
    const isPart = entry.name === 'meta' || readdirSync(folder).some(name => PARTS.includes(name))
    if (isPart) cpSync(folder, join(staged, entry.name), { recursive: true })
  }
}

/** The files that have come into the copy, from there; the SQL first. */
export function appeared(staged: string, out: string): string[] {
  if (!existsSync(staged)) return []
  return readdirSync(staged, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(staged.length + 1))
    .filter(file => !existsSync(join(out, file)) && file !== JOURNAL)
    .sort((a, b) => Number(b.endsWith('.sql')) - Number(a.endsWith('.sql')))
}

/** Brings these files and the journal home, the journal last and at once: before it names a migration, none is there. */
export function install(staged: string, out: string, files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(out, file)), { recursive: true })
    cpSync(join(staged, file), join(out, file))
  }
  if (!existsSync(join(staged, JOURNAL))) return
  const aside = join(out, `${JOURNAL}.new`)
  writeFileSync(aside, readFileSync(join(staged, JOURNAL)))
  renameSync(aside, join(out, JOURNAL))
}
