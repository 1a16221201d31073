import { OpsError } from '../../errors.ts'

/** What can be looked for, and the word that people know it by. */
export type Kind =
  | 'project'
  | 'file'
  | 'agent state'
  | 'user'
  | 'session'
  | 'workspace'
  | 'git repository'
  | 'page'

/** What to type to see what there is; of what has no list of its own, its project or workspace shows it. */
const SEEN: Readonly<Record<Kind, string>> = {
  project: 'drizzle-ops project list --deleted shows also what is deleted softly.',
  user: 'drizzle-ops user list --deleted shows also what is deleted softly.',
  session: 'drizzle-ops session list shows the active ones.',
  workspace: 'drizzle-ops workspace list shows them.',
  file: 'drizzle-ops project show lists the files of a project.',
  'agent state': 'drizzle-ops project show tells of the agent of a project.',
  'git repository': 'drizzle-ops workspace show tells of the repository of a workspace.',
  page: 'drizzle-ops workspace show draws the pages of a workspace.',
}

/** The first row. Throws OpsError `not-found` where there is none. */
export function found<Row>(rows: readonly Row[], kind: Kind, id: string | number): Row {
  const [row] = rows
  if (row === undefined) throw notFound(kind, id)
  return row
}

export function notFound(kind: Kind, id: string | number): OpsError {
  return new OpsError({
    code: 'not-found',
    message: `There is no ${kind} ${id}.`,
    hint: SEEN[kind],
    exit: 1,
  })
}

export function notOwner(project: string, user: string): OpsError {
  return new OpsError({
    code: 'not-owner',
    message: `Project ${project} does not belong to user ${user}.`,
    hint: `See whose it is: drizzle-ops project show ${project}.`,
    exit: 1,
  })
}

export function conflict(what: string): OpsError {
  return new OpsError({
    code: 'conflict',
    message: `${what} exists already.`,
    hint: 'Choose another, or change the one that exists.',
    exit: 1,
  })
}

/** The token itself is never told. */
export function tokenMismatch(session: string): OpsError {
  return new OpsError({
    code: 'token-mismatch',
    message: `Session ${session} has another token by now: somebody else rotated it first.`,
    hint: 'Read the session anew, and let the holder of the new token go on.',
    exit: 1,
  })
}

export function circular(node: string): OpsError {
  return new OpsError({
    code: 'usage',
    message: `Node ${node} hangs from itself, directly or by others.`,
    hint: 'Give the page that it stands on as the last parent.',
    exit: 2,
  })
}
