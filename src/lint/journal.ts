import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type JournalEntry, readJournal } from '../migrations/journal.ts'
import type { Finding } from './finding.ts'
import type { Levels } from './levels.ts'
import { type FolderProblem, folderProblems, forks, withoutSnapshot } from './snapshots.ts'

/** Clocks differ; as in `status`. */
const FUTURE_TOLERANCE = 5 * 60_000
const SNAPSHOT = '_snapshot.json'
const TAG = /"tag":\s*"([^"]*)"/
const SQL = /\.sql$/
const DOWN = /\.down\.sql$/

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

function journalProblems(folder: string, journal: readonly JournalEntry[], now: number): FolderProblem[] {
  const path = join(folder, 'meta', '_journal.json')
  const lines = linesOfTags(readFileSync(path, 'utf8'))
  const snapshots = readdirSync(join(folder, 'meta')).filter(name => name.endsWith(SNAPSHOT))
  const listed = new Set(journal.map(({ tag }) => tag))
  const strays = readdirSync(folder).filter(
    name => SQL.test(name) && !DOWN.test(name) && !listed.has(name.replace(SQL, '')),
  )
  return [
    ...[...stampProblems(journal, now), ...fileProblems(folder, journal, new Set(snapshots))].map(
      ({ tag, ...problem }) => ({ ...problem, path, line: lines.get(tag) ?? 1 }),
    ),
    ...strays.map(
      (name): FolderProblem => ({
        rule: 'file-not-in-journal',
        path: join(folder, name),
        message: `The journal does not name ${name}, so nobody ever runs it. Let drizzle-kit make the entry, and move the SQL there.`,
        fix: 'drizzle-ops generate --custom',
      }),
    ),
    ...forks(snapshots.map(name => join(folder, 'meta', name))),
  ]
}

interface EntryProblem extends Pick<FolderProblem, 'rule' | 'message' | 'fix'> {
  readonly tag: string
}

/** What stock drizzle, which looks at the newest stamp alone, makes of the order. */
function stampProblems(journal: readonly JournalEntry[], now: number): EntryProblem[] {
  const seen = new Set<string>()
  let newest: JournalEntry | undefined
  return journal.flatMap(entry => {
    const { tag, when } = entry
    const problems: EntryProblem[] = []
    if (seen.has(tag))
      problems.push({
        rule: 'journal-duplicate',
        tag,
        message: `The journal names ${tag} twice.`,
        fix: null,
      })
    else if (newest && when === newest.when)
      problems.push({
        rule: 'journal-duplicate',
        tag,
        message: `${tag} and ${newest.tag} bear the same time: a database that has ${newest.tag} skips ${tag} in silence with stock drizzle.`,
        fix: restamp(tag),
      })
    else if (newest && when < newest.when)
      problems.push({
        rule: 'journal-order',
        tag,
        message: `${tag} is stamped earlier than ${newest.tag}, which stands before it, as after a merge: a database that has ${newest.tag} skips it in silence with stock drizzle.`,
        fix: restamp(tag),
      })
    if (when > now + FUTURE_TOLERANCE)
      problems.push({
        rule: 'journal-future',
        tag,
        message: `${tag} is stamped ${new Date(when).toISOString()}, in the future: until then stock drizzle skips in silence every migration that is made after it.`,
        fix: restamp(tag),
      })
    seen.add(tag)
    if (!newest || when > newest.when) newest = entry
    return problems
  })
}

function fileProblems(
  folder: string,
  journal: readonly JournalEntry[],
  snapshots: ReadonlySet<string>,
): EntryProblem[] {
  return journal.flatMap(({ tag }): EntryProblem[] => {
    if (!existsSync(join(folder, `${tag}.sql`)))
      return [
        {
          rule: 'journal-file-missing',
          tag,
          message: `The journal names ${tag}, and ${tag}.sql is not there: every run fails. Restore it from git.`,
          fix: null,
        },
      ]
    const snapshot = `${tag.split('_')[0]}${SNAPSHOT}`
    // where there is none at all, nobody generates
    if (snapshots.size === 0 || snapshots.has(snapshot)) return []
    return [{ rule: 'snapshot-missing', tag, message: withoutSnapshot(snapshot, tag), fix: null }]
  })
}

/** The lines of a journal on which its tags stand. */
function linesOfTags(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line, index) => {
      const tag = TAG.exec(line)?.[1]
      return tag === undefined ? [] : [[tag, index + 1] as const]
    }),
  )
}

function restamp(tag: string): string {
  return `drizzle-ops repair --restamp ${tag}`
}
