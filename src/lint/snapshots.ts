import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { RuleName } from './catalogue.ts'

/** What a snapshot says of its parents stands at its head; the rest may be megabytes. */
const PARENTS = /"prevIds?":\s*("[^"]*"|\[[^\]]*\])/
const HEAD = 2048
const SEPARATOR = /[\\/]/

/** What is wrong with a migrations folder, whatever its layout. */
export interface FolderProblem {
  readonly rule: RuleName
  readonly path: string
  readonly line?: number
  readonly message: string
  readonly fix: string | null
}

/** What the snapshots of a folder of folders say; there is no journal. */
export function folderProblems(folder: string): FolderProblem[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter(name => existsSync(join(folder, name, 'migration.sql')))
  const without = names.filter(name => !existsSync(join(folder, name, 'snapshot.json')))
  const missing = without.length === names.length ? [] : without
  return [
    ...missing.map(
      (name): FolderProblem => ({
        rule: 'snapshot-missing',
        path: join(folder, name, 'migration.sql'),
        message: withoutSnapshot('snapshot.json', name),
        fix: null,
      }),
    ),
    ...forks(names.filter(name => !without.includes(name)).map(name => join(folder, name, 'snapshot.json'))),
  ]
}

/** Two snapshots of one parent: two branches have each generated a migration. */
export function forks(files: readonly string[]): FolderProblem[] {
  const children = new Map<string, string>()
  return files.toSorted().flatMap(path => {
    const parents = parentsOf(path)
    const [rival] = parents.flatMap(parent => children.get(parent) ?? [])
    for (const parent of parents) if (!children.has(parent)) children.set(parent, path)
    if (rival === undefined) return []
    return {
      rule: 'snapshot-fork' as const,
      path,
      message: `${nameOf(path)} and ${nameOf(rival)} both come from one snapshot, as after a merge of two branches, and drizzle-kit generate refuses. Delete the migration of one of them with its snapshot and its journal entry, and generate it anew.`,
      fix: 'drizzle-ops generate',
    }
  })
}

/** What cannot be read says nothing of its parents; `generate` complains of it. */
function parentsOf(path: string): readonly string[] {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(HEAD)
    const found = PARENTS.exec(head.toString('utf8', 0, readSync(file, head)))?.[1]
    return found === undefined ? [] : [JSON.parse(found) as string | string[]].flat()
  } finally {
    closeSync(file)
  }
}

/** `0003_snapshot.json`, or the folder of a snapshot.json. */
function nameOf(path: string): string {
  const parts = path.split(SEPARATOR)
  return parts.at(-1) === 'snapshot.json' ? (parts.at(-2) ?? '') : (parts.at(-1) ?? '')
}

export function withoutSnapshot(snapshot: string, name: string): string {
  return `${snapshot} of ${name} is not there: drizzle-kit generate compares the schema with the newest snapshot that it finds, and writes again what ${name} has done. Restore it from git.`
}
