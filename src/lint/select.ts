import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { OpsError } from '../errors.ts'
import { readJournal } from '../migrations/journal.ts'
import type { Project } from '../project/project.ts'

/** The files of a migrations folder that are there, in the order in which they run. */
export function migrationFiles({ out }: Project): string[] {
  const journal = readJournal(out)
  const files = journal
    ? journal.map(({ tag }) => join(out, `${tag}.sql`))
    : foldersIn(out).map(name => join(out, name, 'migration.sql'))
  return [...new Set(files)].filter(file => existsSync(file))
}

function foldersIn(out: string): string[] {
  // localeCompare, as drizzle-orm 1.0 sorts them
  return existsSync(out) ? readdirSync(out).sort((a, b) => a.localeCompare(b)) : []
}

/** Files that arguments name. Throws OpsError `file-missing`, exit 2. */
export function namedFiles(cwd: string, names: readonly string[]): string[] {
  return names.map(name => {
    const file = resolve(cwd, name)
    if (existsSync(file)) return file
    throw new OpsError({
      code: 'file-missing',
      message: `There is no file ${name}.`,
      hint: 'Name SQL files, or none: then lint looks at what is pending.',
      exit: 2,
    })
  })
}

/** The migrations that differ from where a git branch began, also those that are not committed. */
export async function changedSince({ out, root }: Project, ref: string): Promise<Set<string>> {
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: root })).stdout
  try {
    const top = (await git('rev-parse', '--show-toplevel')).trim()
    const commit = (await git('rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`)).trim()
    const base = (await git('merge-base', commit, 'HEAD')).trim()
    const changed = await git('diff', '--name-only', '-z', '--diff-filter=d', base, '--', out)
    const untracked = await git('ls-files', '-z', '--full-name', '--others', '--exclude-standard', '--', out)
    return new Set([...changed.split('\0'), ...untracked.split('\0')].map(file => resolve(top, file)))
  } catch (cause) {
    throw gitFailed(ref, cause)
  }
}

function gitFailed(ref: string, cause: unknown): OpsError {
  const { code, stderr = '' } = cause as NodeJS.ErrnoException & { stderr?: string }
  const said = stderr.trim().split('\n')[0] ?? ''
  return new OpsError({
    code: 'git-failed',
    message:
      code === 'ENOENT'
        ? '--since asks git, which is not installed here.'
        : `git does not tell what has changed since ${ref}: ${said}.`,
    hint: 'In CI, fetch the history too (actions/checkout with fetch-depth: 0), and name a branch as origin/main.',
    exit: 2,
    cause,
  })
}

/** A path as people in the working directory name it. */
export function shownIn(cwd: string): (path: string) => string {
  return path => {
    const within = relative(cwd, path)
    return within.startsWith('..') ? path : within.split(sep).join('/')
  }
}
