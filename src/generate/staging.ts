import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { OpsError } from '../errors.ts'
import { isFile } from '../project/is-file.ts'

const JOURNAL = join('meta', '_journal.json')
const ASIDE = `${JOURNAL}.new`
/** What the folder of a migration holds. */
const PARTS = ['migration.sql', 'snapshot.json']

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

/** What drizzle-kit reads: the journal with its snapshots, or a folder for each migration. Anything may lie beside it. */
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

/**
 * Brings these files and the journal home, the journal last and at once: before it names a migration, none is there.
 * Throws OpsError `out-unwritable` with nothing left behind.
 */
export function install(staged: string, out: string, files: readonly string[]): void {
  try {
    // the SQL last, for with it a folder of 1.0 becomes a migration
    for (const file of files.toReversed()) {
      mkdirSync(dirname(join(out, file)), { recursive: true })
      cpSync(join(staged, file), join(out, file))
    }
    if (existsSync(join(staged, JOURNAL))) replaceJournal(staged, out)
  } catch (cause) {
    for (const file of [...files, ASIDE]) removeAgain(join(out, file))
    throw new OpsError({
      code: 'out-unwritable',
      message: `The new migration cannot be put into ${out} (${(cause as NodeJS.ErrnoException).code}).`,
      hint: 'Let this user write there, or make room; nothing was left behind.',
      cause,
    })
  }
}

function replaceJournal(staged: string, out: string): void {
  writeFileSync(join(out, ASIDE), readFileSync(join(staged, JOURNAL)))
  renameSync(join(out, ASIDE), join(out, JOURNAL))
}

function removeAgain(file: string): void {
  if (isFile(file)) rmSync(file)
  const folder = dirname(file)
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder)
}
