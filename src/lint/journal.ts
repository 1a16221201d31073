import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type JournalEntry, readJournal } from '../migrations/journal.ts'
import type { RuleName } from './catalogue.ts'
import type { Levels } from './levels.ts'
import type { Finding } from './lint.ts'

/** Clocks differ; as in `status`. */
const FUTURE_TOLERANCE = 5 * 60_000
const SQL = /\.sql$/
const DOWN = /\.down\.sql$/

const SEPARATOR = /[\\/]/

/** What `lint` says of a migrations folder besides its SQL. `shown` names a file as findings do. */
export function lintJournal(
  folder: string,
  levels: Levels,
  shown: (path: string) => string,
  now = Date.now(),
): Finding[] {
  const journal = readJournal(folder)
  const problems = journal ? journalProblems(folder, journal, now) : folderProblems(folder)
  return problems.flatMap(({ rule, path, line = 1, message, fix }) => {
    const level = levels(rule, undefined)
    return level ? { rule, level, file: shown(path), line, statement: null, sql: null, message, fix } : []
  })
}

interface FolderProblem {
  readonly rule: RuleName
  readonly path: string
  readonly line?: number
  readonly message: string
  readonly fix: string | null
}

function journalProblems(folder: string, journal: readonly JournalEntry[], now: number): FolderProblem[] {
  const path = join(folder, 'meta', '_journal.json')
  const lines = readFileSync(path, 'utf8').split('\n')
  const entry = (
    rule: RuleName,
    { tag }: JournalEntry,
    message: string,
    fix: string | null,
  ): FolderProblem => ({
    rule,
    path,
    line: lines.findIndex(text => text.includes(JSON.stringify(tag))) + 1 || 1,
    message,
    fix,
  })
  const problems: FolderProblem[] = []
  let newest: JournalEntry | undefined
  const seen = new Set<string>()
  for (const each of journal) {
    const { tag, when } = each
    if (seen.has(tag))
      problems.push(
        entry('journal-duplicate', each, `The journal names ${tag} twice, so it runs twice.`, null),
      )
    else if (newest && when === newest.when)
      problems.push(
        entry(
          'journal-duplicate',
          each,
          `${tag} and ${newest.tag} bear the same time, and stock drizzle skips the second in silence.`,
          restamp(tag),
        ),
      )
    else if (newest && when < newest.when)
      problems.push(
        entry(
          'journal-order',
          each,
          `${tag} is stamped earlier than ${newest.tag}, which stands before it: a database that has ${newest.tag} skips it in silence with stock drizzle. A merge does that.`,
          restamp(tag),
        ),
      )
    if (when > now + FUTURE_TOLERANCE)
      problems.push(
        entry(
          'journal-future',
          each,
          `${tag} is stamped ${new Date(when).toISOString()}, in the future: until then stock drizzle skips every migration made after it in silence.`,
          restamp(tag),
        ),
      )
    if (!existsSync(join(folder, `${tag}.sql`)))
      problems.push(
        entry(
          'journal-file-missing',
          each,
          `The journal names ${tag}, and ${tag}.sql is not there: every migrate fails.`,
          `git log --diff-filter=D -- ${join(basename(folder), `${tag}.sql`)}`,
        ),
      )
    else if (!existsSync(snapshotOf(folder, tag)))
      problems.push(
        entry(
          'snapshot-missing',
          each,
          `${basename(snapshotOf(folder, tag))} of ${tag} is not there: drizzle-kit generate compares the schema with the newest snapshot that it finds, and writes again what ${tag} has done.`,
          null,
        ),
      )
    seen.add(tag)
    if (!newest || when > newest.when) newest = each
  }
  const strays = readdirSync(folder).filter(
    name => SQL.test(name) && !DOWN.test(name) && !seen.has(name.replace(SQL, '')),
  )
  return [
    ...problems,
    ...strays.map(
      (name): FolderProblem => ({
        rule: 'file-not-in-journal',
        path: join(folder, name),
        message: `The journal does not name ${name}, so nobody ever runs it. Let drizzle-kit make the entry, and move the SQL there.`,
        fix: 'drizzle-ops generate --custom',
      }),
    ),
    ...forks(
      readdirSync(join(folder, 'meta'))
        .filter(name => name.endsWith('_snapshot.json'))
        .map(name => join(folder, 'meta', name)),
    ),
  ]
}

function restamp(tag: string): string {
  return `drizzle-ops repair --restamp ${tag}`
}

function snapshotOf(folder: string, tag: string): string {
  return join(folder, 'meta', `${tag.split('_')[0]}_snapshot.json`)
}

function folderProblems(folder: string): FolderProblem[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter(name => existsSync(join(folder, name, 'migration.sql')))
  const missing = names.filter(name => !existsSync(join(folder, name, 'snapshot.json')))
  return [
    ...missing.map(
      (name): FolderProblem => ({
        rule: 'snapshot-missing',
        path: join(folder, name, 'migration.sql'),
        message: `snapshot.json of ${name} is not there: drizzle-kit generate compares the schema with the newest snapshot that it finds, and writes again what ${name} has done.`,
        fix: null,
      }),
    ),
    ...forks(names.filter(name => !missing.includes(name)).map(name => join(folder, name, 'snapshot.json'))),
  ]
}

interface Snapshot {
  readonly prevId?: string
  readonly prevIds?: readonly string[]
}

/** Two snapshots of one parent: two branches have each generated a migration. */
function forks(files: readonly string[]): FolderProblem[] {
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
  try {
    const { prevId, prevIds } = JSON.parse(readFileSync(path, 'utf8')) as Snapshot
    return prevIds ?? (prevId === undefined ? [] : [prevId])
  } catch {
    return []
  }
}

/** `0003_snapshot.json`, or the folder of a snapshot.json. */
function nameOf(path: string): string {
  const parts = path.split(SEPARATOR)
  return parts.at(-1) === 'snapshot.json' ? (parts.at(-2) ?? '') : (parts.at(-1) ?? '')
}
