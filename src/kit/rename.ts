import { OpsError } from '../errors.ts'

/** Something new beside something that is gone: renamed, or another one? */
export interface Question {
  readonly kind: string
  /** What is new: `users.full_name`, `users`, `auth.users`. What is in public goes without its schema. */
  readonly name: string
  /** What it may have been, in the same form. */
  readonly candidates: readonly string[]
}

/** One `--rename old:new`: `users.name:full_name`, `users:people`, `auth.users:auth.people`. */
export interface Rename {
  readonly from: string
  readonly to: string
}

const PUBLIC = /^public\./

/** What has been said about renames. */
export interface Decisions {
  readonly renames: readonly Rename[]
  /** What is new although something is gone, in the form of `Question.name`. */
  readonly created: readonly string[]
}

export const UNDECIDED: Decisions = { renames: [], created: [] }

/** Reads `old:new`. Throws OpsError `rename-invalid`, exit 2. */
export function parseRename(text: string): Rename {
  const [from = '', to = '', ...rest] = text.split(':')
  if (from !== '' && to !== '' && rest.length === 0)
    return { from: withoutPublic(from), to: withoutPublic(to) }
  throw new OpsError({
    code: 'rename-invalid',
    message: `--rename takes old:new, and ${JSON.stringify(text)} is not.`,
    hint: 'For a column: --rename users.name:full_name. For a table: --rename users:people.',
    exit: 2,
  })
}

/** What it was before, null where it is new, undefined where nothing has been said. */
export function decide({ name, candidates }: Question, decisions: Decisions): string | null | undefined {
  const rename = decisions.renames.find(
    ({ from, to }) => candidates.includes(from) && isNamed(name, from, to),
  )
  if (rename) return rename.from
  return decisions.created.map(withoutPublic).includes(name) ? null : undefined
}

/** The new name may leave out what it has in common with the old one. */
function isNamed(name: string, from: string, to: string): boolean {
  const beside = from.slice(0, from.lastIndexOf('.') + 1)
  return name === to || name === `${beside}${to}`
}

/** How each question can be answered, for a hint. */
export function optionsFor({ name, candidates }: Question): string[] {
  return [...candidates.map(from => `--rename ${from}:${shortly(name, from)}`), `--create ${name}`]
}

function shortly(name: string, from: string): string {
  const beside = from.slice(0, from.lastIndexOf('.') + 1)
  const bare = name.slice(name.lastIndexOf('.') + 1)
  return name === `${beside}${bare}` ? bare : name
}

export function withoutPublic(name: string): string {
  return name.replace(PUBLIC, '')
}
